/// What is written into a container beside its tensors, under the full names of ``AttachmentName``.
package struct Attachments: CheckpointSource {
  package let location = "the attachments"
  package let files: [SourceFile] = []
  package private(set) var tensors: TensorTable
  private var parts: NameTable<Part> = [:]

  private struct Part {
    let source: any CheckpointSource
    let tensor: TensorDescriptor
  }

  package init() { self.tensors = TensorTable() }

  package var isEmpty: Bool { tensors.isEmpty }
  package var names: [AttachmentName] { tensors.compactMap { AttachmentName($0.name) } }
  /// Whether a recorded reference is among them.
  package var hasProbes: Bool { names.contains(where: \.isProbe) }

  /// Adds a tensor of another source. It is read when the container is written.
  /// - Throws: ``FormatError/duplicateName(_:)`` for a name that is there already, and
  ///   ``FormatError/invalidName(_:_:)``.
  package mutating func add(
    _ name: AttachmentName, _ tensor: TensorDescriptor, of source: any CheckpointSource
  ) throws(FormatError) {
    try add([(name, tensor)], of: source)
  }

  private mutating func add(
    _ new: [(name: AttachmentName, tensor: TensorDescriptor)], of source: any CheckpointSource
  ) throws(FormatError) {
    var descriptors = Array(tensors)
    for (name, tensor) in new {
      let own = try TensorDescriptor(name: name.text, type: tensor.type, shape: tensor.shape)
      descriptors.append(own)
      parts[own.name] = Part(source: source, tensor: tensor)
    }
    tensors = try TensorTable(descriptors)
  }

  /// Adds these bytes.
  /// - Throws: As ``add(_:_:of:)``.
  package mutating func add(_ name: AttachmentName, bytes: [UInt8]) throws(FormatError) {
    let source = try BytesSource(bytes)
    try add(name, source.tensors[0], of: source)
  }

  /// Adds the bytes of a file. They are read when the container is written.
  /// - Throws: As ``add(_:_:of:)``, and the errors of opening the file.
  package mutating func add(_ name: AttachmentName, file: String) throws(FormatError) {
    let source = try FileBytes(file)
    try add(name, source.tensors[0], of: source)
  }

  /// Adds all attachments of a container for which `isKept` is true.
  package mutating func add(
    _ attached: AttachedSource, where isKept: (AttachmentName) -> Bool = { _ in true }
  ) throws(FormatError) {
    try add(
      attached.tensors.compactMap { tensor in
        AttachmentName(tensor.name).flatMap { isKept($0) ? ($0, tensor) : nil }
      }, of: attached)
  }

  package func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    guard let part = parts[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    return try naming(part.source.location) {
      RenamedReading(
        LocatedReading(
          original: try part.source.reading(of: part.tensor, purpose), location: part.source.location),
        as: tensor)
    }
  }

  /// Compares the SHA-256 of what was read of an attachment with the one that its container has for it, where it came
  /// from one.
  /// - Throws: With the path of that container, ``FormatError/attachmentDamaged(_:_:)`` or
  ///   ``FormatError/sectionDamaged(tensor:_:)``.
  func requireOriginal(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws {
    guard let part = parts[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    try naming(part.source.location) { try part.source.require(digest, of: part.tensor) }
  }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let part = parts[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    do {
      try part.source.read(part.tensor, from: offset, into: &buffer)
    } catch {
      try naming(part.source.location) { throw error }
    }
  }
}

/// Bytes in memory as one tensor.
private struct BytesSource: CheckpointSource {
  let location = "memory"
  let tensors: TensorTable
  let files: [SourceFile] = []
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(FormatError) {
    self.tensors = try TensorTable([
      TensorDescriptor(name: "bytes", type: .uint8, dimensions: [bytes.count])
    ])
    self.bytes = bytes
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    _ = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    for index in 0..<buffer.byteCount {
      buffer.storeBytes(of: bytes[offset + index], toByteOffset: index, as: UInt8.self)
    }
  }
}

/// The bytes of a file of any kind as one tensor.
private struct FileBytes: CheckpointSource {
  let location: String
  let tensors: TensorTable
  let files: [SourceFile]
  private let file: InputFile

  init(_ path: String) throws(FormatError) {
    self.file = try InputFile(path)
    self.location = path
    self.tensors = try TensorTable([
      TensorDescriptor(name: "bytes", type: .uint8, dimensions: [file.byteCount])
    ])
    self.files = [SourceFile(name: FileSystem.name(of: path), bytes: file.byteCount)]
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    _ = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try file.read(at: offset, into: &buffer)
  }
}
