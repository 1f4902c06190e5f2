/// A checkpoint that can be read: names, shapes and types at once, bytes on demand.
///
/// Each file format has one conforming type. A checkpoint seen under other names is a source, too. Opening a
/// source never reads tensor data. A source may be read from several threads at once.
public protocol CheckpointSource: Sendable {
  /// The path of the checkpoint, as the user gave it.
  var location: String { get }

  /// All tensors. The order is the one in which reading them is cheapest.
  var tensors: TensorTable { get }

  /// The metadata of the file: texts by name.
  var metadata: NameTable<String> { get }

  /// The configuration that is in the file itself; nil if there is none.
  var embeddedConfiguration: ConfigurationDocument? { get }

  /// Assumptions that were made when the file was read, a sentence each. They are kept with the checkpoint.
  var notes: [String] { get }

  /// What the files hold besides the tensors.
  var leftAside: [LeftAside] { get }

  /// The files that hold the tensors.
  var files: [SourceFile] { get }

  /// Bytes that the tensor takes in the file, compressed or not.
  func storedBytes(of tensor: TensorDescriptor) -> Int

  /// The name of the type in which the file stores the tensor, such as `Q4_K`, where that is none of
  /// ``ElementType``; nil where the file stores the tensor's own type.
  func storedType(of tensor: TensorDescriptor) -> String?

  /// Fills `buffer` with the dense, row-major, little-endian bytes of a tensor, from byte `offset` of it on.
  ///
  /// - Precondition: `tensor` is one of ``tensors``, and the range lies within its `byteCount`.
  /// - Throws: ``FormatError/noSuchTensor(_:)``,
  ///   ``FormatError/rangeOutsideTensor(_:offset:count:available:)``, and what reading the file throws.
  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws

  /// Begins to read a tensor.
  ///
  /// - Precondition: `tensor` is one of ``tensors``; another one is refused with an error, here or when it is
  ///   read.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and what the source throws.
  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading

  /// Compares the SHA-256 of a tensor's bytes with the one that the source has for it. Does nothing where the source
  /// has none.
  ///
  /// - Parameters:
  ///   - digest: The digest of the bytes that were read.
  ///   - tensor: The tensor, one of ``tensors``.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` or ``FormatError/attachmentDamaged(_:_:)`` when they differ,
  ///   ``FormatError/noSuchTensor(_:)``.
  func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError)
}

extension CheckpointSource {
  public var metadata: NameTable<String> { [:] }
  public var embeddedConfiguration: ConfigurationDocument? { nil }
  public var notes: [String] { [] }
  public var leftAside: [LeftAside] { [] }
  public func storedBytes(of tensor: TensorDescriptor) -> Int { tensor.byteCount }
  public func storedType(of tensor: TensorDescriptor) -> String? { nil }
  public func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {}

  /// The bytes of the whole tensor. This is for small tensors and tests; large ones are read in windows.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and what the source throws.
  /// - Complexity: Reads the tensor once, and holds all of it in memory.
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

/// A configuration as it was found: its origin, and its JSON text, unchanged.
public struct ConfigurationDocument: Hashable, Sendable, Codable {
  /// Where the text was found: `config.json`, `build_opts.json`, or `spec of model.nx`, for example.
  public var origin: String
  public var text: String

  public init(origin: String, text: String) {
    self.origin = origin
    self.text = text
  }
}
