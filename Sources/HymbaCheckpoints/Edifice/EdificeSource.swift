public import HymbaFormat

/// A checkpoint that `Edifice.Checkpoint.save/3` wrote: an `.nx` file, stored or compressed.
///
/// Tensors are named `layer.parameter`. Opening a stored file reads its header, metadata and tree;
/// opening a compressed one also inflates it once, without keeping anything, because nothing else shows
/// that it is complete; the bytes that a single tensor takes there are not known, so its stored bytes are
/// those of its data. Nothing that a file names is called or interned, and its metadata is
/// understood, left aside by name, or refused.
public struct EdificeSource: CheckpointSource {
  public let location: String
  /// In the order of their data; reading a compressed file in another order copies it to a temporary file.
  public let tensors: TensorTable
  /// `edifice_version`, `nx_version`, `created_at` and `external` of the spec, and those entries of the
  /// metadata that are text, a number or an atom.
  public let metadata: NameTable<String>
  /// The spec as `{"arch": "hymba", "build_opts": {…}}`, when the file has one.
  public let embeddedConfiguration: ConfigurationDocument?
  public let files: [SourceFile]
  public let leftAside: [LeftAside]
  private let views: [TensorView]

  /// Opens and checks the file at `path`.
  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
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
