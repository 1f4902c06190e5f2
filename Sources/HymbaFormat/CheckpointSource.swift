/// A checkpoint that can be read: names, shapes and types at once, bytes on demand.
///
/// Every file format is one conforming type, and so is a checkpoint seen under other names. Opening one
/// never reads tensor data. A source may be read from several threads at once.
public protocol CheckpointSource: Sendable {
  /// Where it is, as a person would name it: a path.
  var location: String { get }

  /// All tensors, in the order in which reading them is cheapest.
  var tensors: TensorTable { get }

  /// String metadata that the file carries.
  var metadata: NameTable<String> { get }

  /// The configuration that the file itself carries, if it does.
  var embeddedConfiguration: ConfigurationDocument? { get }

  /// What was found in the file and taken for granted, each a sentence that is kept with the checkpoint.
  var notes: [String] { get }

  /// What the files hold beside the tensors.
  var leftAside: [LeftAside] { get }

  /// The files that hold the tensors.
  var files: [SourceFile] { get }

  /// Bytes that the tensor occupies in the file.
  func storedBytes(of tensor: TensorDescriptor) -> Int

  /// Fills `buffer` with the dense little-endian bytes of a tensor, from byte `offset` of it on.
  ///
  /// - Precondition: `tensor` is one of ``tensors`` and the range lies within its `byteCount`;
  ///   a range beyond it is refused with an error.
  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws

  /// Begins to read a tensor.
  ///
  /// - Precondition: `tensor` is one of ``tensors``; another one is refused with an error, now or when it is read.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and what the source throws.
  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading
}

extension CheckpointSource {
  public var metadata: NameTable<String> { [:] }
  public var embeddedConfiguration: ConfigurationDocument? { nil }
  public var notes: [String] { [] }
  public var leftAside: [LeftAside] { [] }
  public func storedBytes(of tensor: TensorDescriptor) -> Int { tensor.byteCount }

  /// The whole tensor as bytes. For small tensors and tests; large ones are read in windows.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and what the source throws.
  public func bytes(of tensor: TensorDescriptor) throws -> [UInt8] {
    let reading = try reading(of: tensor, .whole)
    return try [UInt8](count: tensor.byteCount) { try reading.read(from: 0, into: &$0) }
  }
}

/// A file that a checkpoint came from.
public struct SourceFile: Hashable, Sendable, Codable {
  public var name: String
  public var bytes: Int

  public init(name: String, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

/// A configuration as it was found: where, and its JSON text, kept verbatim.
public struct ConfigurationDocument: Hashable, Sendable, Codable {
  /// `config.json`, `build_opts.json`, or `spec of model.nx`.
  public var origin: String
  public var text: String

  public init(origin: String, text: String) {
    self.origin = origin
    self.text = text
  }
}
