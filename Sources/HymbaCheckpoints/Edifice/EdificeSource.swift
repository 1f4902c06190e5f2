public import HymbaFormat

/// A checkpoint that `Edifice.Checkpoint.save/3` wrote: an `.nx` file, stored or compressed.
///
/// Tensors are named `layer.parameter`. Opening a stored file reads its header, metadata and tree. Opening a
/// compressed file also inflates it once, without keeping anything, because nothing else shows that it is
/// complete. How many bytes a single tensor takes in a compressed file is not known, so its stored bytes are
/// those of its data.
///
/// Nothing that a file names is called or interned. Its metadata is understood, left aside by name, or refused.
public struct EdificeSource: CheckpointSource {
  public let location: String
  /// All tensors, in the order of their data. Reading a compressed file in another order copies it to a
  /// temporary file.
  public let tensors: TensorTable
  /// The entries `edifice_version`, `nx_version`, `created_at` and `external` of the spec, and those entries of
  /// the metadata that are a text, a number or an atom.
  public let metadata: NameTable<String>
  /// The spec as `{"arch": "hymba", "build_opts": {…}}`; nil when the file has none.
  public let embeddedConfiguration: ConfigurationDocument?
  public let files: [SourceFile]
  /// Metadata that is none of these.
  public let leftAside: [LeftAside]
  private let views: [TensorView]

  /// Opens and checks the file at `path`.
  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
  /// - Complexity: Inflates all of a compressed file. Reads no tensor data of a stored one.
  public init(_ path: String) throws {
    let file = try InputFile(path)
    let header = try EdificeHeader(reading: file)
    var metadata = EdificeMetadata()
    if header.metadataBytes > 0 {
      let bytes = try file.bytes(at: EdificeHeader.byteCount, count: header.metadataBytes)
      var reader = try TermReader(bytes, at: .file(EdificeHeader.byteCount))
      metadata = try EdificeMetadata(from: &reader)
      try reader.finish()
    }
    let section: any TensorSection =
      header.isCompressed
      ? CompressedSection(file, from: header.sectionOffset)
      : StoredSection(file, from: header.sectionOffset)
    let container = try NxContainer(reading: section)

    let name = FileSystem.name(of: path)
    self.location = path
    self.tensors = container.tensors
    self.metadata = metadata.entries
    self.embeddedConfiguration = metadata.specText.map {
      ConfigurationDocument(origin: "the spec in \(name)", text: $0)
    }
    self.files = [SourceFile(name: name, bytes: file.byteCount)]
    self.leftAside = metadata.leftAside
    self.views = container.views
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try views[position].read(from: offset, into: &buffer)
  }
}
