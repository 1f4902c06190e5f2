/// A checkpoint in one safetensors file.
public struct SafetensorsSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let metadata: NameTable<String>
  public let files: [SourceFile]
  private let file: InputFile
  private let offsets: [Int]

  /// Opens the file at `path` and checks its header. No tensor data is read.
  /// - Throws: ``FormatError`` when the file cannot be read, or its header is not valid.
  public init(_ path: String) throws(FormatError) {
    let file = try InputFile(path)
    try self.init(file, header: SafetensorsHeader(reading: file))
  }

  init(_ file: InputFile, header: SafetensorsHeader) {
    self.location = file.path
    self.tensors = header.tensors
    self.metadata = header.metadata
    self.files = [SourceFile(name: FileSystem.name(of: file.path), bytes: file.byteCount)]
    self.file = file
    self.offsets = header.offsets
  }

  /// The metadata key for the `Architecture` of an export with our own parameter names.
  package static let architectureKey = "hymba.architecture"

  /// The metadata key for the assumptions of such an export, a sentence on each line.
  package static let assumedKey = "hymba.assumed"

  public var embeddedConfiguration: ConfigurationDocument? {
    metadata[Self.architectureKey].map {
      ConfigurationDocument(origin: "the metadata of \(files[0].name)", text: $0)
    }
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try file.read(at: offsets[position] + offset, into: &buffer)
  }
}
