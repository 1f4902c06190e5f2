import HymbaFormat

/// A tensor as a strided view of some bytes: element [i, j, …] begins at byte start + (i · strides[0] + j ·
/// strides[1] + …) · width.
///
/// Reads return the elements dense, row-major and little-endian. When the elements lie in another order, a read
/// walks over all bytes between its first and its last element. Memory stays at about twice the size of the
/// read.
struct TensorView: Sendable {
  private(set) var bytes: any ByteSource
  /// Byte at which the first element begins.
  let start: Int
  let shape: Shape
  /// Strides in elements, one for each dimension, none negative.
  let strides: [Int]
  /// Bytes per element.
  let width: Int
  /// Whether the elements are big-endian.
  let isSwapped: Bool
  /// Bytes that are reversed together: an element, or one of the two parts of a complex number.
  let swapWidth: Int
  /// Whether the elements lie in row-major order without gaps.
  let isDense: Bool

  /// Nil when the strides do not fit the shape, an element would lie outside `bytes`, or a number overflows.
  init?(
    _ tensor: TensorDescriptor, in bytes: any ByteSource, start: Int, strides: [Int],
    isSwapped: Bool
  ) {
    let shape = tensor.shape
    let width = tensor.type.byteSize
    guard strides.count == shape.rank, strides.allSatisfy({ $0 >= 0 }), start >= 0,
      let span = Self.span(shape, strides), span <= (Int.max - start) / width,
      start + span * width <= bytes.byteCount
    else { return nil }
    self.bytes = bytes
    self.start = start
    self.shape = shape
    self.strides = strides
    self.width = width
    self.isSwapped = isSwapped && width > 1
    self.swapWidth = Self.swapWidth(tensor.type)
    self.isDense = Self.isDense(shape, strides)
  }

  /// A dense row-major tensor that begins at byte `start`.
  /// - Precondition: It lies within `bytes`.
  init(dense tensor: TensorDescriptor, in bytes: any ByteSource, start: Int, isSwapped: Bool) {
    self.bytes = bytes
    self.start = start
    self.shape = tensor.shape
    self.strides = Self.rowMajorStrides(tensor.shape)
    self.width = tensor.type.byteSize
    self.isSwapped = isSwapped && tensor.type.byteSize > 1
    self.swapWidth = Self.swapWidth(tensor.type)
    self.isDense = true
  }

  /// Fills `buffer` with the bytes of the dense tensor, from byte `offset` on.
  /// - Throws: The errors of ``bytes``.
  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    guard buffer.byteCount > 0 else { return }
    if isDense && !isSwapped { return try bytes.read(at: start + offset, into: &buffer) }
    let first = offset / width
    let end = (offset + buffer.byteCount + width - 1) / width
    let elements = try isDense ? run(first..<end) : gather(first..<end)
    for index in 0..<buffer.byteCount {
      buffer.storeBytes(
        of: elements[offset - first * width + index], toByteOffset: index, as: UInt8.self)
    }
  }

  /// Reads elements of a dense big-endian tensor, and reverses their bytes.
  private func run(_ range: Range<Int>) throws -> [UInt8] {
    var elements = try [UInt8](count: range.count * width) {
      try bytes.read(at: start + range.lowerBound * width, into: &$0)
    }
    for part in stride(from: 0, to: elements.count, by: swapWidth) {
      elements[part..<part + swapWidth].reverse()
    }
    return elements
  }

  private static func swapWidth(_ type: ElementType) -> Int {
    type == .complex64 ? type.byteSize / 2 : type.byteSize
  }
}

extension TensorView {
  /// Strides of a dense row-major tensor.
  static func rowMajorStrides(_ shape: Shape) -> [Int] {
    Array(columnMajorStrides(shape.dimensions.reversed()).reversed())
  }

  /// Strides of a dense column-major ("Fortran order") tensor.
  static func columnMajorStrides(_ shape: Shape) -> [Int] { columnMajorStrides(shape.dimensions) }

  /// The products cannot overflow when there are elements, because they divide the element count. Without
  /// elements they may wrap around.
  private static func columnMajorStrides(_ dimensions: [Int]) -> [Int] {
    var stride = 1
    return dimensions.map { dimension in
      defer { stride = stride.multipliedReportingOverflow(by: max(1, dimension)).partialValue }
      return stride
    }
  }

  /// The number of elements of the source from the first to the last one inclusive; 0 for none; nil on
  /// overflow.
  private static func span(_ shape: Shape, _ strides: [Int]) -> Int? {
    guard shape.elementCount > 0 else { return 0 }
    var span = 1
    for (dimension, stride) in zip(shape.dimensions, strides) {
      let (reach, overflow) = (dimension - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = span.addingReportingOverflow(reach)
      guard !overflow, !sumOverflow else { return nil }
      span = sum
    }
    return span
  }

  /// Whether the elements lie in row-major order without gaps. The stride of a dimension of size 1 does not
  /// matter.
  private static func isDense(_ shape: Shape, _ strides: [Int]) -> Bool {
    guard shape.elementCount > 0 else { return true }
    return zip(zip(shape.dimensions, strides), rowMajorStrides(shape)).allSatisfy {
      $0.0 == 1 || $0.1 == $1
    }
  }
}

extension TensorView {
  /// The same view, read through `other` unless it is dense. `other` must hold the same bytes, and is the
  /// better source for reads out of order.
  func readingInAnyOrder(_ other: any ByteSource) -> TensorView {
    guard !isDense else { return self }
    var view = self
    view.bytes = other
    return view
  }

  /// Reads from `other` from now on: the same bytes, but their checksum is compared before any is returned.
  mutating func readAsChecked(_ other: any ByteSource) { bytes = other }

  /// The bytes of the source from the first element to the last; empty without elements.
  var range: Range<Int> {
    let span = (Self.span(shape, strides) ?? 0) * width
    return start..<start + span
  }
}
