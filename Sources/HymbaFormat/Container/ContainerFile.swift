/// One file of a container that is open: its header, its manifest, and where its tensors lie.
struct ContainerFile: Sendable {
  let file: InputFile
  let frame: Frame
  let manifest: Manifest
  /// The logical tensors that the manifest lists.
  let tensors: TensorTable
  /// For each tensor of ``Manifest/tensors``, the range of its stored bytes in the file.
  let storedRanges: [Range<Int>]
  /// The attachments, in the order of the buffer.
  let attachedTensors: TensorTable
  /// For each of ``attachedTensors``, the range of its stored bytes in the file.
  let attachedRanges: [Range<Int>]
  /// The entries that the manifest does not name, in the order of the file. A later version may add such entries.
  /// Nothing is known of them, and no digest covers them.
  let unnamed: [ContainerHeader.Entry]

  /// The offset of the data, and the manifest's place and digest, from the header. This part of the header is kept:
  /// the header of many tensors is large, and the manifest has the rest.
  struct Frame {
    let dataOffset: Int
    let manifest: Range<Int>
    let manifestDigest: String

    /// - Throws: ``FormatError/containerHeader(_:)``.
    init(_ header: SafetensorsHeader) throws(FormatError) {
      guard let position = header.tensors.position(of: Manifest.entryName) else {
        throw .containerHeader("it has no entry “\(Manifest.entryName)”")
      }
      let start = header.offsets[position]
      self.dataOffset = header.dataOffset
      self.manifest = start..<start + header.tensors[position].byteCount
      guard let digest = header.metadata[ContainerHeader.digestKey] else {
        throw .containerHeader(
          "it has no “\(ContainerHeader.digestKey)”, the SHA-256 that its manifest must have")
      }
      self.manifestDigest = digest
    }
  }

  /// Whether a safetensors header claims to be a container.
  static func isContainer(_ header: SafetensorsHeader) -> Bool {
    header.metadata[ContainerHeader.formatKey] == ContainerHeader.formatName
      || header.tensors[Manifest.entryName] != nil
  }

  /// Opens the file at `path`. Reads the header and the manifest, checks the manifest's digest, and checks that every
  /// tensor has its entry. No tensor data is read.
  /// - Throws: As ``ContainerSource/init(_:)``.
  init(_ path: String) throws(FormatError) { try self.init(InputFile(path)) }

  /// - Throws: As ``ContainerSource/init(_:)``.
  init(_ file: InputFile) throws(FormatError) {
    let header: SafetensorsHeader
    do throws(FormatError) {
      header = try SafetensorsHeader(reading: file)
    } catch  where error.kind == .unreadable {
      throw .notAReadableContainer(error)
    }
    try self.init(file, header: header)
  }

  /// - Throws: As ``ContainerSource/init(_:)``.
  init(_ file: InputFile, header: SafetensorsHeader) throws(FormatError) {
    guard Self.isContainer(header) else { throw .notAContainer }
    guard let version = header.metadata[ContainerHeader.versionKey] else {
      throw .containerHeader("it has no “\(ContainerHeader.versionKey)”")
    }
    try Manifest.checkVersion(version)
    let frame = try Frame(header)
    let manifest = try Manifest(json: Self.manifestText(file, frame, version: version))
    try manifest.requireAgreement(with: header, version: version)
    let tensors = try manifest.logicalTensors()
    let attached = try manifest.attachedTensors(beside: tensors)
    var entries = EntrySearch(header)
    self.storedRanges = try entries.ranges(of: manifest.tensors, .tensor)
    self.attachedRanges = try entries.ranges(of: manifest.attachments, .attachment)
    self.unnamed = try entries.rest(mayExist: manifest.mayHaveAttachments)
    self.file = file
    self.frame = frame
    self.manifest = manifest
    self.tensors = tensors
    self.attachedTensors = attached
  }

  /// The manifest's text. The bytes of its entry are compared with the digest in the header.
  private static func manifestText(
    _ file: InputFile, _ frame: Frame, version: String
  ) throws(FormatError) -> [UInt8] {
    let bytes = frame.manifest.count
    guard bytes <= Limits.manifestBytes else {
      throw .manifestInvalid(
        "it has \(bytes) bytes, and at most \(Limits.manifestBytes) are accepted")
    }
    let stored = try file.bytes(at: frame.manifest.lowerBound, count: bytes)
    let found = "\(SHA256Digest(of: stored))"
    guard found == frame.manifestDigest else {
      throw .manifestDamaged(expected: frame.manifestDigest, found: found)
    }
    return Manifest.isOfFirstMajorVersion(version) ? stored : try ManifestFrame.decode(stored)
  }
}

extension ContainerFile {
  /// Compares the header with the one that the manifest determines.
  /// - Returns: What differs; nil for a header without damage.
  /// - Throws: The errors of reading the file.
  func headerDamage() throws(FormatError) -> String? {
    let length = manifest.headerLength
    var header = ContainerHeader(
      formatVersion: manifest.formatVersion,
      manifestDigest: frame.manifestDigest,
      metadata: manifest.description.metadata,
      entries: zip(manifest.stored, storedRanges + attachedRanges).map {
        tensor, range in .init(tensor.descriptor, tensor.encoding, at: relative(range))
      } + [.init(name: Manifest.entryName, bytes: relative(frame.manifest))])
    // Nothing else says what these should be, so they are taken as they stand.
    header.insert(unnamed)
    let expected = header.text
    let found = try file.bytes(at: 8, count: length)
    let padding = repeatElement(UInt8(0x20), count: max(0, length - expected.count))
    guard found != expected + padding else { return nil }
    let offset =
      zip(found, expected + padding).enumerated().first { $1.0 != $1.1 }?.offset ?? length
    return "byte \(8 + offset) is not what the manifest determines"
  }

  /// Converts a range of positions in the file to positions in the buffer.
  private func relative(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound - frame.dataOffset..<range.upperBound - frame.dataOffset
  }
}
