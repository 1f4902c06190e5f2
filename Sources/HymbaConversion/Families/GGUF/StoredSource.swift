import HymbaCheckpoints
package import HymbaFormat

/// A checkpoint as it is read again after llama.cpp's converter stored its tensors in one type: F32 numbers, rounded to
/// that type.
package struct StoredSource: CheckpointSource {
  package let tensors: TensorTable
  private let source: any CheckpointSource
  private let type: GGUFType

  /// The types in which tensors are stored here.
  package static let types = ["F16", "BF16", "Q8_0"]

  /// - Parameters:
  ///   - source: Any checkpoint. Only the tensors that can be stored in the type are seen.
  ///   - type: The name of the type.
  /// - Returns: Nil for a type that nothing is stored in here.
  /// - Throws: `FormatError`.
  package init?(_ source: any CheckpointSource, in type: String) throws {
    guard Self.types.contains(type), let type = GGUFType(name: type) else { return nil }
    self.tensors = try TensorTable(
      source.tensors.filter { tensor in
        tensor.type.isFloatingPoint && tensor.shape.dimensions.last?.isMultiple(of: type.blockElements) ?? false
      }.map { try TensorDescriptor(name: $0.name, type: .float32, shape: $0.shape) })
    self.source = source
    self.type = type
  }

  package var location: String { source.location }
  package var files: [SourceFile] { source.files }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    _ = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    guard let original = source.tensors[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    let blockBytes = type.blockElements * MemoryLayout<Float>.stride
    let first = offset / blockBytes * type.blockElements
    let end = (offset + buffer.byteCount + blockBytes - 1) / blockBytes * type.blockElements
    let size = original.type.byteSize
    let bytes = try [UInt8](count: (end - first) * size) {
      try source.read(original, from: first * size, into: &$0)
    }
    let exact = [UInt8](count: (end - first) * 4) { target in
      _ = FloatCast.cast(bytes.raw, original.type, to: .float32, into: &target)
    }
    let values = exact.raw.floats
    // A value that the type cannot hold agrees with nothing that is stored in it, also where infinity is.
    var stored = type.stored(values) ?? Array(repeating: .nan, count: values.count)
    for index in stored.indices where stored[index].isInfinite && values[index].isFinite { stored[index] = .nan }
    let skipped = offset - first * 4
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe stored.withUnsafeBytes { source in
        unsafe target.copyBytes(from: source[skipped..<skipped + target.count])
      }
    }
  }
}
