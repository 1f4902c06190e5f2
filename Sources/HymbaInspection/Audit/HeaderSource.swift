import HymbaFormat

/// A checkpoint of which only names, types and shapes are known: a damaged file, or the files of a set whose
/// tensors do not agree with their index.
struct HeaderSource: CheckpointSource {
  let location: String
  let tensors: TensorTable
  let metadata: NameTable<String>
  let embeddedConfiguration: ConfigurationDocument?
  let files: [SourceFile]

  /// The tensors of several sources. Of tensors with the same name, the first counts.
  /// - Throws: ``FormatError/invalidShape(_:_:)`` when all tensors together are too large.
  init(_ sources: [any CheckpointSource], location: String) throws(FormatError) {
    var seen: Set<NameKey> = []
    self.location = location
    self.tensors = try TensorTable(
      sources.flatMap { Array($0.tensors) }.filter { seen.insert(NameKey($0.name)).inserted })
    self.metadata = NameTable(sources.flatMap { Array($0.metadata) })
    self.embeddedConfiguration = sources.lazy.compactMap(\.embeddedConfiguration).first
    self.files = sources.flatMap(\.files)
  }

  /// The tensors of a file that is longer or shorter than its header says.
  init(_ header: SafetensorsHeader, of file: InputFile) {
    self.location = file.path
    self.tensors = header.tensors
    self.metadata = header.metadata
    self.embeddedConfiguration = nil
    self.files = [SourceFile(name: FileSystem.name(of: file.path), bytes: file.byteCount)]
  }

  /// - Throws: ``FormatError/cannotRead(_:)`` always.
  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws { throw FormatError.cannotRead("only the headers of its files are open") }
}
