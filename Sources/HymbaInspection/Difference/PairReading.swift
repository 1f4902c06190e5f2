import HymbaConversion
import HymbaFormat

/// Reads the same elements of two tensors with as many elements.
struct PairReading: Sendable {
  let a: any TensorReading
  let b: any TensorReading
  private let locations: (a: String, b: String)
  /// The elements of a piece: a window of the source with the larger ones.
  let pieceElements: Int

  /// - Throws: The errors of the sources.
  init(
    _ a: TensorDescriptor, of first: CheckpointPair.Side, _ b: TensorDescriptor,
    of second: CheckpointPair.Side
  ) throws {
    self.a = try naming(first.location) { try first.source.reading(of: a, .parts) }
    self.b = try naming(second.location) { try second.source.reading(of: b, .parts) }
    self.locations = (first.location, second.location)
    self.pieceElements = max(
      TensorWindow.elements, self.a.windowBytes / a.type.byteSize,
      self.b.windowBytes / b.type.byteSize)
  }

  var count: Int { a.tensor.units }
  var typeA: ElementType { a.tensor.type }
  var typeB: ElementType { b.tensor.type }
  /// Whether the values of both can be computed with.
  var hasValues: Bool { typeA.isFloatingPoint && typeB.isFloatingPoint }

  /// The pieces of a range of elements. They begin at multiples of ``pieceElements`` where the range lets them.
  func pieces(of range: Range<Int>) -> [Range<Int>] {
    guard !range.isEmpty else { return [] }
    return (range.lowerBound / pieceElements...(range.upperBound - 1) / pieceElements).map { piece in
      (piece * pieceElements..<(piece + 1) * pieceElements).clamped(to: range)
    }
  }

  /// The bytes of a range of elements.
  /// - Throws: The errors of the sources, with their locations in front.
  func bytes(_ range: Range<Int>) throws -> (a: [UInt8], b: [UInt8]) {
    (try Self.bytes(a, range, locations.a), try Self.bytes(b, range, locations.b))
  }

  private static func bytes(
    _ reading: any TensorReading, _ range: Range<Int>, _ location: String
  ) throws -> [UInt8] {
    let size = reading.tensor.type.byteSize
    return try naming(location) {
      try [UInt8](count: range.count * size) { try reading.read(from: range.lowerBound * size, into: &$0) }
    }
  }

  /// The largest number of elements whose values are in memory at once.
  private static let chunkElements = 1 << 16

  /// Passes the values of a range of elements to `body`, up to 2^16 at a time, until it returns false.
  ///
  /// - Parameter body: Is given the index of the first element and the values of both tensors.
  /// - Precondition: ``hasValues``.
  func forEachValues(
    _ range: Range<Int>, _ body: (_ first: Int, _ a: [Double], _ b: [Double]) -> Bool
  ) throws {
    let (bytesA, bytesB) = try bytes(range)
    for start in stride(from: 0, to: range.count, by: Self.chunkElements) {
      let end = min(start + Self.chunkElements, range.count)
      func values(_ bytes: [UInt8], _ type: ElementType) -> [Double] {
        [Double](bytes.raw.extracting(start * type.byteSize..<end * type.byteSize), type)
      }
      guard body(range.lowerBound + start, values(bytesA, typeA), values(bytesB, typeB)) else { return }
    }
  }
}

extension TensorDescriptor {
  /// The elements of the tensor; where they are smaller than a byte, its bytes.
  var units: Int { byteCount / type.byteSize }
}

extension [Double] {
  /// The exact values of elements of a floating-point type.
  init(_ bytes: RawSpan, _ type: ElementType) {
    let count = bytes.byteCount / type.byteSize
    unsafe self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
      var values = unsafe MutableRawSpan(
        _unsafeBytes: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(8 * count)]))
      FloatCast.cast(bytes, type, to: .float64, into: &values)
      initialized = count
    }
  }

  /// The values, each rounded to the nearest number of a type, ties to even.
  /// - Returns: Nil for a type that nothing is cast to.
  func rounded(to type: ElementType) -> [Double]? {
    guard let target = CastType(rawValue: type.rawValue) else { return nil }
    guard target != .float64 else { return self }
    return unsafe withUnsafeBytes { values in
      let values = unsafe RawSpan(_unsafeBytes: values)
      let bytes = [UInt8](count: count * type.byteSize) {
        FloatCast.cast(values, .float64, to: target, into: &$0)
      }
      return [Double](bytes.raw, type)
    }
  }
}
