import HymbaFormat

/// A checkpoint with more to say of it than its files know: where it was found, what lies beside it.
struct NotedSource: CheckpointSource {
  private let source: any CheckpointSource
  let added: [String]

  /// - Returns: `source` itself where there is nothing to add, and for a container, whose notes are those of its
  ///   manifest.
  static func adding(_ notes: [String], to source: any CheckpointSource) -> any CheckpointSource {
    notes.isEmpty || source is ContainerSource ? source : NotedSource(source: source, added: notes)
  }

  /// What was added to a source; a failure to make a model of it must not hide that.
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

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading { try source.reading(of: tensor, purpose) }
}
