/// One safetensors file.
public struct SafetensorsSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let metadata: [String: String]
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
  public static let architectureKey = "hymba.architecture"

  public var embeddedConfiguration: ConfigurationDocument? {
    metadata[Self.architectureKey].map {
      ConfigurationDocument(origin: "the metadata of \(files[0].name)", text: $0)
    }
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let position = tensors.position(of: tensor.name) else {
      throw FormatError.noSuchTensor(tensor.name)
    }
    try tensors[position].requireRange(offset, buffer.byteCount)
    try file.read(at: offsets[position] + offset, into: &buffer)
  }
}

extension TensorDescriptor {
  /// - Throws: ``FormatError/rangeOutsideTensor(_:offset:count:available:)``.
  public func requireRange(_ offset: Int, _ count: Int) throws(FormatError) {
    guard offset >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .rangeOutsideTensor(name, offset: offset, count: count, available: byteCount)
    }
  }
}
