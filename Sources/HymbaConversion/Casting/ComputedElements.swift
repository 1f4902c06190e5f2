import HymbaFormat

/// A tensor whose elements are computed of those of another tensor, each of the one in its place.
struct ComputedElements: Sendable {
  /// Computes elements of the bytes of the originals. The range says which elements of the tensor they are.
  typealias Body =
    @Sendable (_ bytes: RawSpan, _ elements: Range<Int>, _ target: inout MutableRawSpan) throws -> Void

  let original: TensorDescriptor
  /// The computed tensor, with the shape of the original.
  let tensor: TensorDescriptor
  let compute: Body

  /// Fills `buffer` with the bytes of the computed tensor from byte `offset` on.
  ///
  /// - Parameters:
  ///   - piece: The number of elements that are computed at a time. Pieces end at multiples of it.
  ///   - read: Reads bytes of the original from a byte offset on.
  /// - Throws: ``FormatError`` for a range outside of the tensor, and what `read` and ``compute`` throw.
  func read(
    from offset: Int, into buffer: inout MutableRawSpan, piece: Int,
    _ read: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    // A tensor without elements is read too, so that its digest is compared.
    if tensor.byteCount == 0 { return try read(0, &buffer) }
    let width = tensor.type.byteSize
    let end = offset + buffer.byteCount
    var position = offset
    while position < end {
      let first = position / width
      let last = min((end + width - 1) / width, (first / piece + 1) * piece)
      let stop = min(end, last * width)
      var part = buffer._mutatingExtracting(position - offset..<stop - offset)
      if position == first * width, stop == last * width {
        try compute(first..<last, into: &part, read)
      } else {
        // The range begins or ends inside of an element: the whole elements are computed, and a part of them is
        // copied.
        let elements = try [UInt8](count: (last - first) * width) {
          try compute(first..<last, into: &$0, read)
        }
        for index in 0..<stop - position {
          part.storeBytes(
            of: elements[position - first * width + index], toByteOffset: index, as: UInt8.self)
        }
      }
      position = stop
    }
  }

  private func compute(
    _ elements: Range<Int>, into buffer: inout MutableRawSpan,
    _ read: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    let width = original.type.byteSize
    let bytes = try [UInt8](count: elements.count * width) {
      try read(elements.lowerBound * width, &$0)
    }
    try compute(bytes.raw, elements, &buffer)
  }
}

/// The reading of a tensor that is computed window by window. Each window of it is computed of one window of the
/// original.
struct ComputedReading: TensorReading {
  let elements: ComputedElements
  let original: any TensorReading

  var tensor: TensorDescriptor { elements.tensor }
  var windowBytes: Int { windowElements * tensor.type.byteSize }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { original.isCompared }

  /// The number of elements in a window. Windows of the original hold whole elements.
  private var windowElements: Int { original.windowBytes / elements.original.type.byteSize }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try elements.read(from: offset, into: &buffer, piece: windowElements) { offset, bytes in
      try original.read(from: offset, into: &bytes)
    }
  }
}
