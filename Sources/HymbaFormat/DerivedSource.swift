/// A checkpoint that is another one seen otherwise: under other names, shapes or types, or with more said about it.
///
/// What such a type does not say itself is passed on from the other one.
package protocol DerivedSource: CheckpointSource {
  /// The other checkpoint.
  var source: any CheckpointSource { get }
}

extension DerivedSource {
  package var location: String { source.location }
  package var tensors: TensorTable { source.tensors }
  package var metadata: NameTable<String> { source.metadata }
  package var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  package var notes: [String] { source.notes }
  package var leftAside: [LeftAside] { source.leftAside }
  package var files: [SourceFile] { source.files }

  /// The tensor of the same name in the other checkpoint, where its shape or type may be another one.
  package func original(_ tensor: TensorDescriptor) -> TensorDescriptor { source.tensors[tensor.name] ?? tensor }

  package func storedBytes(of tensor: TensorDescriptor) -> Int { source.storedBytes(of: original(tensor)) }
  package func storedType(of tensor: TensorDescriptor) -> String? { source.storedType(of: original(tensor)) }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }

  package func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading { try source.reading(of: tensor, purpose) }
}
