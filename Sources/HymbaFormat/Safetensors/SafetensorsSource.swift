/// One safetensors file.
public struct SafetensorsSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let metadata: NameTable<String>
  public let files: [SourceFile]
  private let file: InputFile
  private let offsets: [Int]

  /// Opens and checks the file at `path`; no tensor data is read.
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

  /// The metadata key under which an export with our own parameter names keeps its `Architecture`.
  package static let architectureKey = "hymba.architecture"

  /// The metadata key under which such an export says what was assumed in it, a sentence a line.
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
