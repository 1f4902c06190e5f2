import HymbaFormat
import HymbaModel

/// A checkpoint in which some tensors are changed, and some are read in place of others.
struct AlteredSource: CheckpointSource {
  let tensors: TensorTable
  var location: String { original.location }
  var files: [SourceFile] { original.files }
  private let original: any CheckpointSource
  /// The changed tensors as 32-bit floats.
  private let changed: TensorStore
  private let replaced: [String: TensorDescriptor]

  /// Computes the changed tensors. Names that the checkpoint does not have are passed over.
  ///
  /// - Returns: Nil where a change is not possible, or nothing would be changed.
  /// - Throws: The errors of reading the tensors that are changed.
  init?(
    _ original: any CheckpointSource, changing changes: [String: @Sendable (Tensor) -> Tensor?],
    replacing replacements: [String: String]
  ) throws {
    var values: [String: Tensor] = [:]
    for (name, change) in changes where original.tensors[name] != nil {
      guard let tensor = change(try Tensor(name, from: original)) else { return nil }
      values[name] = tensor
    }
    var replaced: [String: TensorDescriptor] = [:]
    for (name, other) in replacements where original.tensors[name] != nil {
      replaced[name] = original.tensors[other]
    }
    guard !values.isEmpty || !replaced.isEmpty || changes.isEmpty && replacements.isEmpty else {
      return nil
    }
    let changed = try TensorStore(values)
    self.original = original
    self.changed = changed
    self.replaced = replaced
    self.tensors = try TensorTable(
      original.tensors.map { tensor throws(FormatError) in
        if let own = changed.tensors[tensor.name] { return own }
        guard let other = replaced[tensor.name] else { return tensor }
        return try TensorDescriptor(name: tensor.name, type: other.type, shape: other.shape)
      })
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    if changed.tensors[tensor.name] != nil { return try changed.reading(of: tensor, purpose) }
    guard let other = replaced[tensor.name] else {
      return try original.reading(of: tensor, purpose)
    }
    return RenamedReading(try original.reading(of: other, purpose), as: tensor)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    if changed.tensors[tensor.name] != nil {
      try changed.read(tensor, from: offset, into: &buffer)
    } else {
      try original.read(replaced[tensor.name] ?? tensor, from: offset, into: &buffer)
    }
  }
}
