/// Some tensors of a checkpoint.
package struct SelectedSource: CheckpointSource {
  private let source: any CheckpointSource
  package let tensors: TensorTable

  /// - Parameters:
  ///   - source: The checkpoint.
  ///   - tensors: Those of its tensors that are left, in their order here.
  /// - Throws: ``FormatError/duplicateName(_:)`` for a tensor that is given twice.
  package init(_ source: any CheckpointSource, _ tensors: [TensorDescriptor]) throws(FormatError) {
    self.source = source
    self.tensors = try TensorTable(tensors)
  }

  package var location: String { source.location }
  package var metadata: NameTable<String> { source.metadata }
  package var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  package var notes: [String] { source.notes }
  package var leftAside: [LeftAside] { source.leftAside }
  package var files: [SourceFile] { source.files }
  package func storedBytes(of tensor: TensorDescriptor) -> Int { source.storedBytes(of: tensor) }
  package func storedType(of tensor: TensorDescriptor) -> String? { source.storedType(of: tensor) }

  package func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
    try source.require(digest, of: tensor)
  }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }

  package func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    try source.reading(of: tensor, purpose)
  }
}
