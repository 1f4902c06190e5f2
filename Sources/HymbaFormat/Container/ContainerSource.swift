/// A `.hymba` container open for reading.
///
/// The stored bytes of each tensor are compared with the XXH3 in the manifest, once: before the first bytes of
/// the tensor are returned, or while the whole tensor is read. So damage in a container is not copied. Only a
/// reading for ``ReadingPurpose/parts`` compares nothing.
public struct ContainerSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let files: [SourceFile]
  public let manifest: Manifest
  /// For each tensor of ``Manifest/tensors``, the range of its stored bytes in the file.
  package let storedRanges: [Range<Int>]
  /// The attachments, in the order of the buffer.
  let attachedTensors: TensorTable
  /// For each of ``attachedTensors``, the range of its stored bytes in the file.
  package let attachedRanges: [Range<Int>]
  /// The entries that the manifest does not name, in the order of the file. A later version may add such entries.
  /// Nothing is known of them, and no digest covers them.
  let unnamed: [ContainerHeader.Entry]
  let file: InputFile
  /// The offset of the data, and the manifest's place and digest, from the header.
  let frame: Frame
  /// Which tensors were compared with their digests. Nil when the caller compares them with something else.
  let checks: DigestChecks?
  /// The base, for a container that is relative to one.
  var base: OpenedBase?
  /// For each of ``tensors``, where its bytes are.
  let storage: [Storage]
  let recentSections = RecentSections()

  /// Where the bytes of a tensor are.
  enum Storage {
    /// In this container, at a position of ``Manifest/tensors``.
    case stored(Int)
    /// In the base, as a position of ``BaseRecord/tensors`` says.
    case base(Int)
  }

  /// The part of the header that is kept. The header of many tensors is large, and the manifest has the rest.
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

  /// Opens the container at `path`. Reads the header and the manifest, checks the manifest's digest, and checks
  /// that every tensor has its entry. No tensor data is read.
  /// - Throws: ``FormatError/notAContainer``, ``FormatError/notAReadableContainer(_:)``,
  ///   ``FormatError/newerMajorVersion(_:)``, ``FormatError/containerHeader(_:)``,
  ///   ``FormatError/manifestDamaged(expected:found:)``, ``FormatError/manifestInvalid(_:)``, errors of a name
  ///   or a shape, and those of opening and reading the file.
  public init(_ path: String) throws(FormatError) {
    try self.init(path, comparesDigests: true)
  }

  /// - Parameter base: The base from which the container was written; nil to look for it beside the container.
  init(_ path: String, comparesDigests: Bool, base: ContainerSource? = nil) throws(FormatError) {
    let file = try InputFile(path)
    let header: SafetensorsHeader
    do throws(FormatError) {
      header = try SafetensorsHeader(reading: file)
    } catch  where error.kind == .unreadable {
      throw .notAReadableContainer("\(error)")
    }
    try self.init(file, header: header, comparesDigests: comparesDigests, base: base)
  }

  /// - Parameter depth: The number of containers that were opened on the way to this one, with it.
  init(
    _ file: InputFile, header: SafetensorsHeader, comparesDigests: Bool = true,
    base: ContainerSource? = nil, depth: Int = 1
  ) throws(FormatError) {
    guard Self.isContainer(header) else { throw .notAContainer }
    guard let version = header.metadata[ContainerHeader.versionKey] else {
      throw .containerHeader("it has no “\(ContainerHeader.versionKey)”")
    }
    try Manifest.checkVersion(version)
    let frame = try Frame(header)
    let manifest = try Manifest(json: Self.manifestText(file, frame))
    try manifest.requireAgreement(with: header, version: version)
    let tensors = try manifest.logicalTensors()
    let attached = try manifest.attachedTensors(beside: tensors)
    var entries = EntrySearch(header)
    let ranges = try entries.ranges(of: manifest.tensors, .tensor)
    let attachedRanges = try entries.ranges(of: manifest.attachments, .attachment)
    for name in manifest.description.carried where tensors[name] == nil {
      throw .manifestInvalid("it carries “\(name.printable)”, which it does not have")
    }
    try manifest.requireBaseIsAllowed()
    let opened = try Self.base(base, manifest.base, of: file.path, depth)
    if case .open(let base) = opened { try manifest.requireTensors(in: base) }

    self.location = file.path
    self.tensors = tensors
    self.files = [SourceFile(name: FileSystem.name(of: file.path), bytes: file.byteCount)]
    self.manifest = manifest
    self.storedRanges = ranges
    self.attachedTensors = attached
    self.attachedRanges = attachedRanges
    self.unnamed = try entries.rest(mayExist: manifest.mayHaveAttachments)
    self.file = file
    self.frame = frame
    self.checks = comparesDigests ? DigestChecks() : nil
    self.base = opened
    // `tensors` lists the stored tensors first, in the manifest's order, then the aliases, then those of the base.
    let stored = Array(manifest.tensors.indices) + manifest.aliases.compactMap { tensors.position(of: $0.of) }
    self.storage = stored.map(Storage.stored) + (manifest.base?.tensors.indices.map(Storage.base) ?? [])
  }

  private static func base(
    _ given: ContainerSource?, _ record: BaseRecord?, of path: String, _ depth: Int
  ) throws(FormatError) -> OpenedBase? {
    guard let record else { return nil }
    guard let given else { return try OpenedBase(record, beside: path, depth: depth) }
    try record.requireFingerprint(of: given)
    return .open(given)
  }

  public var metadata: NameTable<String> { manifest.description.metadata }

  /// What is kept beside the tensors and is no weight.
  package var attached: AttachedSource { AttachedSource(self) }

  /// The names of the entries that the manifest does not name: a later version added them.
  package var unnamedEntries: [String] { unnamed.map(\.name) }

  /// The configuration of the checkpoint from which the container was made.
  public var embeddedConfiguration: ConfigurationDocument? { manifest.description.configuration }

  /// The fingerprint computed from the digests in the manifest. It is only a claim until the tensors were read
  /// and compared.
  /// - Complexity: Sorts the tensors by name, at each call.
  public var fingerprint: SHA256Digest {
    Fingerprint.compute(
      zip(tensors, storage).map { tensor, storage in (tensor, sha256(storage)) })
  }

  /// Compares the SHA-256 of a tensor's logical bytes with the one in the manifest.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when they differ, ``FormatError/noSuchTensor(_:)``.
  package func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
    guard try digest == sha256(of: tensor.name) else {
      throw .sectionDamaged(tensor: tensor.name, ContainerDamage.decodedBytesDiffer)
    }
  }

  /// The SHA-256 that the manifest has for a tensor's logical bytes.
  /// - Throws: ``FormatError/noSuchTensor(_:)``.
  func sha256(of name: String) throws(FormatError) -> SHA256Digest {
    guard let position = tensors.position(of: name) else { throw .noSuchTensor(name) }
    return sha256(storage[position])
  }

  private func sha256(_ storage: Storage) -> SHA256Digest {
    switch storage {
    case .stored(let position): manifest.tensors[position].sha256
    // Only a manifest with a base has tensors of this kind.
    case .base(let position): manifest.base?.tensors[position].sha256 ?? SHA256Digest(of: [])
    }
  }

  /// The bytes of the entry that stores the tensor; 0 for an alias, and for a tensor that is equal to the base's.
  public func storedBytes(of tensor: TensorDescriptor) -> Int {
    guard let position = tensors.position(of: tensor.name), position < storedRanges.count else {
      return 0
    }
    return storedRanges[position].count
  }
}

extension ContainerSource {
  /// The manifest's text, checked against the digest in the header.
  private static func manifestText(
    _ file: InputFile, _ frame: Frame
  ) throws(FormatError) -> [UInt8] {
    let bytes = frame.manifest.count
    guard bytes <= Limits.manifestBytes else {
      throw .manifestInvalid(
        "it has \(bytes) bytes, and at most \(Limits.manifestBytes) are accepted")
    }
    let text = try file.bytes(at: frame.manifest.lowerBound, count: bytes)
    let found = "\(SHA256Digest(of: text))"
    guard found == frame.manifestDigest else {
      throw .manifestDamaged(expected: frame.manifestDigest, found: found)
    }
    return text
  }
}
