public import HymbaFormat

/// A checkpoint that `Edifice.Checkpoint.save/3` wrote: an `.nx` file, stored or compressed.
///
/// Tensors are named `layer.parameter`. Opening a stored file reads its header, metadata and tree;
/// opening a compressed one also inflates it once, without keeping anything, because nothing else shows
/// that it is complete. Nothing that a file names is called or interned, and its metadata is either
/// understood or refused.
public struct EdificeSource: CheckpointSource {
  public let location: String
  /// In the order of their data; reading a compressed file in another order inflates it repeatedly.
  public let tensors: TensorTable
  /// `edifice_version`, `nx_version`, `created_at` and `external` of the spec, and those entries of the
  /// metadata that are text, a number or an atom.
  public let metadata: [String: String]
  /// The spec as `{"arch": "hymba", "build_opts": {…}}`, when the file has one.
  public let embeddedConfiguration: ConfigurationDocument?
  public let files: [SourceFile]
  private let section: any TensorSection
  private let offsets: [Int]
  private let isBigEndian: Bool

  /// Opens and checks the file at `path`.
  /// - Throws: ``EdificeError``, `FormatError` when the file cannot be read.
  public init(_ path: String) throws {
    let file = try InputFile(path)
    let header = try EdificeHeader(reading: file)
    var metadata = EdificeMetadata()
    if header.metadataBytes > 0 {
      let bytes = try file.bytes(at: EdificeHeader.byteCount, count: header.metadataBytes)
      var reader = try TermReader(bytes, at: .file(EdificeHeader.byteCount))
      let term = try Term(from: &reader)
      try reader.finish()
      metadata = try EdificeMetadata(term)
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
    self.section = section
    self.offsets = container.offsets
    self.isBigEndian = container.isBigEndian
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let position = tensors.position(of: tensor.name) else { throw FormatError.notFound }
    let tensor = tensors[position]
    try tensor.requireRange(offset, buffer.byteCount)
    let start = offsets[position]
    let width = tensor.type.byteSize
    guard isBigEndian && width > 1 else {
      return try section.read(at: start + offset, into: &buffer)
    }
    // Only whole elements can be turned around, and only a big-endian machine writes such a file: this
    // may be slow.
    let first = offset - offset % width
    let end = offset + buffer.byteCount
    let count = (end + width - 1) / width * width - first
    var elements = try section.bytes(at: start + first, count: count)
    for element in stride(from: 0, to: count, by: width) {
      elements[element..<element + width].reverse()
    }
    for index in 0..<buffer.byteCount {
      buffer.storeBytes(of: elements[offset - first + index], toByteOffset: index, as: UInt8.self)
    }
  }
}
