/// The attachments of an open container, under their full names. They are compared with their digests as tensors
/// are.
package struct AttachedSource: CheckpointSource {
  private let container: ContainerSource

  init(_ container: ContainerSource) { self.container = container }

  package var location: String { container.location }
  package var tensors: TensorTable { container.attachedTensors }
  package var files: [SourceFile] { container.files }
  package var names: [AttachmentName] { tensors.compactMap { AttachmentName($0.name) } }

  /// The names of the files that the container keeps, in the order of the container.
  package var fileNames: [String] {
    names.compactMap { if case .file(let name) = $0 { name } else { nil } }
  }

  /// The full names of the attachments that a later version added, in the order of the container.
  package var unknownNames: [String] {
    names.compactMap { if case .unknown(let name) = $0 { name } else { nil } }
  }

  /// The names of further entries of the container, of which this version knows nothing.
  package var unnamedEntries: [String] { container.unnamedEntries }

  /// Whether a recorded reference is kept.
  package var hasProbes: Bool { names.contains(where: \.isProbe) }

  package func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { container.attachedRanges[$0].count } ?? 0
  }

  /// The bytes of an attachment, compared with both of their digests; nil when there is none of this name.
  /// - Throws: ``FormatError/attachmentDamaged(_:_:)``, and the errors of reading the file.
  package func bytes(of name: AttachmentName) throws -> [UInt8]? {
    guard let tensor = tensors[name.text] else { return nil }
    let bytes = try bytes(of: tensor)
    try require(SHA256Digest(of: bytes), of: tensor)
    return bytes
  }

  /// Compares the SHA-256 of an attachment's decoded bytes with the one in the manifest.
  /// - Throws: ``FormatError/attachmentDamaged(_:_:)`` when they differ, ``FormatError/noSuchTensor(_:)``.
  package func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
    guard let position = tensors.position(of: tensor.name) else { throw .noSuchTensor(tensor.name) }
    guard digest == container.manifest.attachments[position].sha256 else {
      throw .attachmentDamaged(tensor.name, ContainerDamage.decodedBytesDiffer)
    }
  }

  /// - Throws: ``FormatError/attachmentDamaged(_:_:)``, and the errors of reading the file.
  package func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    let position = try position(of: tensor, from: 0, count: tensor.byteCount)
    return try FormatError.namingAttachment {
      AttachedReading(original: try container.reading(of: tensor, at: position, purpose))
    }
  }

  /// - Throws: As ``reading(of:_:)``.
  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try position(of: tensor, from: offset, count: buffer.byteCount)
    do {
      try container.read(tensor, at: position, from: offset, into: &buffer)
    } catch {
      try FormatError.namingAttachment { throw error }
    }
  }

  /// The position of an attachment among everything that the container stores: the tensors come first.
  private func position(
    of tensor: TensorDescriptor, from offset: Int, count: Int
  ) throws(FormatError) -> Int {
    container.manifest.tensors.count + (try tensors.position(of: tensor, from: offset, count: count))
  }
}

/// A reading whose errors name an attachment and no tensor.
private struct AttachedReading: TensorReading {
  let original: any TensorReading

  var tensor: TensorDescriptor { original.tensor }
  var windowBytes: Int { original.windowBytes }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { original.isCompared }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    do {
      try original.read(from: offset, into: &buffer)
    } catch {
      try FormatError.namingAttachment { throw error }
    }
  }
}

extension FormatError {
  /// Runs `body`, and says of damage that it is in an attachment.
  fileprivate static func namingAttachment<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch FormatError.sectionDamaged(let name, let why) {
      throw FormatError.attachmentDamaged(name, why)
    }
  }
}
