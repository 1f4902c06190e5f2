import HymbaFormat

/// A checkpoint with further notes that its own files do not give, such as where it was found and what lies
/// beside it.
struct NotedSource: CheckpointSource {
  private let source: any CheckpointSource
  let added: [String]

  /// The checkpoint with these notes.
  /// - Returns: `source` itself where there are no notes, and for a container, whose notes are in its manifest.
  static func adding(_ notes: [String], to source: any CheckpointSource) -> any CheckpointSource {
    notes.isEmpty || source is ContainerSource ? source : NotedSource(source: source, added: notes)
  }

  /// The notes that were added to a source. A message that no model can be made of it must show them too.
  static func added(to source: any CheckpointSource) -> [String] {
    (source as? NotedSource)?.added ?? []
  }

  var location: String { source.location }
  var tensors: TensorTable { source.tensors }
  var metadata: NameTable<String> { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  var notes: [String] { added + source.notes }
  var leftAside: [LeftAside] { source.leftAside }
  var files: [SourceFile] { source.files }
  func storedBytes(of tensor: TensorDescriptor) -> Int { source.storedBytes(of: tensor) }
  func storedType(of tensor: TensorDescriptor) -> String? { source.storedType(of: tensor) }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading { try source.reading(of: tensor, purpose) }
}
