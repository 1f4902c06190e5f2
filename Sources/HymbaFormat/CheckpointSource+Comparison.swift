extension CheckpointSource {
  /// Compares tensors, byte for byte, with those of the same names in a file that was made from this source.
  ///
  /// No digest is checked: this source was read whole when the file was made.
  ///
  /// - Parameters:
  ///   - some: The tensors to compare; all if nil.
  ///   - progress: Is told the bytes that were compared since the last call.
  /// - Throws: ``FormatError/writtenDiffers(tensor:)`` for the first tensor that differs or is missing, and
  ///   what either source throws.
  /// - Complexity: Reads each tensor once from both sources. Memory: at most `jobs` full windows of each
  ///   source, or 64 MB together if that is less.
  package func requireSame(
    _ some: [TensorDescriptor]? = nil, in written: any CheckpointSource, jobs: Int,
    progress: (Int) -> Void = { _ in }
  ) throws {
    let batches = WindowBatches(
      some ?? Array(tensors), pieceElements: TensorWindow.elements, jobs: jobs
    ) { tensor in
      guard let copy = written.tensors[tensor.name], copy.type == tensor.type,
        copy.shape == tensor.shape
      else { throw FormatError.writtenDiffers(tensor: tensor.name) }
      let original = try naming(location) { try self.reading(of: tensor, .parts) }
      let copied = try written.reading(of: copy, .parts)
      // Where the smaller windows do not divide the larger ones, a window at a border is read twice.
      return (
        ReadingPair(original: original, copy: copied, location: location),
        windowBytes: max(original.windowBytes, copied.windowBytes)
      )
    }
    try ReadAhead.forEach(jobs: jobs) { _, parts -> Int? in
      guard let pieces = try batches.next() else { return nil }
      parts.add(pieces.map { piece in { try piece.reading.requireSame(piece.range) } })
      return pieces.reduce(0) { $0 + $1.range.count }
    } _: {
      progress($0)
    }
  }
}

/// A tensor of the original, and the same tensor in the file that was written.
private struct ReadingPair: Sendable {
  let original: any TensorReading
  let copy: any TensorReading
  /// The location of the original.
  let location: String

  /// - Throws: ``FormatError/writtenDiffers(tensor:)``.
  func requireSame(_ range: Range<Int>) throws {
    let expected = try naming(location) { try bytes(of: original, range) }
    guard try bytes(of: copy, range) == expected else {
      throw FormatError.writtenDiffers(tensor: original.tensor.name)
    }
  }

  private func bytes(of reading: any TensorReading, _ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](count: range.count) { try reading.read(from: range.lowerBound, into: &$0) }
  }
}
