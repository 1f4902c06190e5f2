import HymbaFormat

/// A recorded Hugging Face folder with changed tensors or another `config.json`, in a folder and a file of its
/// own.
public struct ChangedCheckpoint: Sendable {
  private let folder: TemporaryFolder
  public var path: String { folder.path }

  public init(
    _ set: String, _ change: (inout [MemorySource.Entry]) throws -> Void = { _ in },
    configuration: (String) -> String = { $0 }
  ) throws {
    self.folder = try TemporaryFolder()
    let index = Fixture.path(set, "model.safetensors.index.json")
    let source: any CheckpointSource =
      FileSystem.hasEntry(index)
      ? try ShardedSource(index: index)
      : try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    try change(&entries)
    try SafetensorsWriter.write(
      MemorySource(entries, metadata: source.metadata), to: folder.file("model.safetensors"),
      replace: false)
    let text = try InputFile.contents(of: Fixture.path(set, "config.json"), limit: 1 << 20)
    try folder.write(
      configuration(String(decoding: text, as: UTF8.self)), to: "config.json")
  }
}
