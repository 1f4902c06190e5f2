extension CheckpointSource {
  /// Compares tensors, byte for byte, with those of the same names in a file that was made from this one.
  ///
  /// Memory: `jobs` windows of both, or 64 MB if that is less.
  ///
  /// - Parameters:
  ///   - some: The tensors to compare; all if nil.
  ///   - progress: Is told the bytes that were compared since the last call.
  /// - Throws: ``FormatError/writtenDiffers(tensor:)`` for the first tensor that differs or is missing, and
  ///   what both sources throw.
  public func requireSame(
    _ some: [TensorDescriptor]? = nil, in written: any CheckpointSource, jobs: Int,
    progress: (Int) -> Void = { _ in }
  ) throws {
    for tensor in some ?? Array(tensors) {
      guard let copy = written.tensors[tensor.name], copy.type == tensor.type,
        copy.shape == tensor.shape
      else { throw FormatError.writtenDiffers(tensor: tensor.name) }
      let windowBytes = SectionGeometry.chunkElements * tensor.type.byteSize
      let windows = (tensor.byteCount + windowBytes - 1) / windowBytes
      let atOnce = Self.windowsAtOnce(windowBytes, jobs: jobs)
      for first in stride(from: 0, to: windows, by: atOnce) {
        let sizes = try Parallel.map(count: min(atOnce, windows - first), jobs: jobs) {
          index in
          let offset = (first + index) * windowBytes
          let size = min(windowBytes, tensor.byteCount - offset)
          let expected = try naming(location) {
            try [UInt8](count: size) { try read(tensor, from: offset, into: &$0) }
          }
          let found = try [UInt8](count: size) { try written.read(copy, from: offset, into: &$0) }
          guard expected == found else { throw FormatError.writtenDiffers(tensor: tensor.name) }
          return size
        }
        progress(sizes.reduce(0, +))
      }
    }
  }
}
