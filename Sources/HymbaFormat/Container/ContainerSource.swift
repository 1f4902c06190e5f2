/// A `.hymba` container open for reading: one file, or the parts of one model.
///
/// The stored bytes of each tensor are compared with the XXH3 in the manifest, once: before the first bytes of
/// the tensor are returned, or while the whole tensor is read. So damage in a container is not copied. Only a
/// reading for ``ReadingPurpose/parts`` compares nothing.
public struct ContainerSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let files: [SourceFile]
  /// The manifest. For a model in parts it is the one of the whole: it lists the tensors of all parts.
  public let manifest: Manifest
  /// For each tensor of ``Manifest/tensors``, the range of its stored bytes in its file.
  package let storedRanges: [Range<Int>]
  /// The attachments, in the order of the buffer.
  let attachedTensors: TensorTable
  /// For each of ``attachedTensors``, the range of its stored bytes in its file.
  package let attachedRanges: [Range<Int>]
  /// The files that the container consists of, in the order of their tensors.
  let parts: [ContainerFile]
  /// Which tensors were compared with their digests. Nil when the caller compares them with something else.
  let checks: DigestChecks?
  /// The base, for a container that is relative to one.
  var base: OpenedBase?
  /// For each of ``tensors``, where its bytes are.
  let storage: [Storage]
  /// For each of ``parts``, the position of its first tensor and of its first attachment in the manifest.
  private let starts: (tensors: [Int], attachments: [Int])
  let recentSections: RecentSections

  /// Where the bytes of a tensor are.
  enum Storage {
    /// In this container, at a position of ``Manifest/tensors``.
    case stored(Int)
    /// In the base, as a position of ``BaseRecord/tensors`` says.
    case base(Int)
  }

  /// Opens the container in one file at `path`. Reads the header and the manifest, checks the manifest's digest, and
  /// checks that every tensor has its entry. No tensor data is read.
  /// - Parameter path: The path of the file. It may be one part of a model, which is then opened alone.
  /// - Throws: ``FormatError/notAContainer``, ``FormatError/notAReadableContainer(_:)``,
  ///   ``FormatError/newerMajorVersion(_:)``, ``FormatError/containerHeader(_:)``,
  ///   ``FormatError/manifestDamaged(expected:found:)``, ``FormatError/manifestInvalid(_:)``, errors of a name
  ///   or a shape, and those of opening and reading the file.
  public init(_ path: String) throws(FormatError) {
    try self.init(path, comparesDigests: true)
  }

  /// - Parameter base: The base from which the container was written; nil to look for it beside the container.
  init(_ path: String, comparesDigests: Bool, base: ContainerSource? = nil) throws(FormatError) {
    try self.init(ContainerFile(path), comparesDigests: comparesDigests, base: base)
  }

  /// - Parameters:
  ///   - base: The base from which the container was written; nil to look for it beside the container.
  ///   - above: The files of the containers that were opened on the way to this one.
  init(
    _ file: ContainerFile, comparesDigests: Bool = true, base: ContainerSource? = nil, above: [FileIdentity] = []
  ) throws(FormatError) {
    try self.init(
      [file], manifest: file.manifest, tensors: file.tensors, attached: file.attachedTensors,
      location: file.file.path, comparesDigests: comparesDigests, base: base, above: above)
  }

  /// - Parameters:
  ///   - parts: The files, in the order of their tensors.
  ///   - manifest: The manifest of all files together.
  ///   - tensors: Its logical tensors.
  ///   - attached: Its attachments.
  ///   - location: The path that the user gave.
  ///   - base: The base from which the container was written; nil to look for it beside the container.
  ///   - above: The files of the containers that were opened on the way to this one.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` for a carried tensor that is not there, and ``FormatError/base(_:)``.
  init(
    _ parts: [ContainerFile], manifest: Manifest, tensors: TensorTable, attached: TensorTable, location: String,
    comparesDigests: Bool = true, base: ContainerSource? = nil, above: [FileIdentity] = []
  ) throws(FormatError) {
    for name in manifest.description.carried where tensors[name] == nil {
      throw .manifestInvalid("it carries “\(name.printable)”, which it does not have")
    }
    try manifest.requireBaseIsAllowed()
    let opened = try Self.base(base, manifest.base, of: location, above)
    if case .open(let base) = opened { try manifest.requireTensors(in: base) }

    self.location = location
    self.tensors = tensors
    self.files = parts.map { SourceFile(name: FileSystem.name(of: $0.file.path), bytes: $0.file.byteCount) }
    self.manifest = manifest
    self.storedRanges = parts.count == 1 ? parts[0].storedRanges : parts.flatMap(\.storedRanges)
    self.attachedTensors = attached
    self.attachedRanges = parts.flatMap(\.attachedRanges)
    self.parts = parts
    self.checks = comparesDigests ? DigestChecks() : nil
    self.recentSections = RecentSections()
    self.base = opened
    self.starts = (
      Self.starts(of: parts.map(\.storedRanges.count)), Self.starts(of: parts.map(\.attachedRanges.count))
    )
    // `tensors` lists the stored tensors first, in the manifest's order, then the aliases, then those of the base.
    let stored = Array(manifest.tensors.indices) + manifest.aliases.compactMap { tensors.position(of: $0.of) }
    self.storage = stored.map(Storage.stored) + (manifest.base?.tensors.indices.map(Storage.base) ?? [])
  }

  private static func starts(of counts: [Int]) -> [Int] {
    var sum = 0
    return counts.map { count in
      defer { sum += count }
      return sum
    }
  }

  private static func base(
    _ given: ContainerSource?, _ record: BaseRecord?, of path: String, _ above: [FileIdentity]
  ) throws(FormatError) -> OpenedBase? {
    guard let record else { return nil }
    guard let given else { return try OpenedBase(record, beside: path, above: above) }
    try record.requireFingerprint(of: given, isNamed: true)
    return .open(given)
  }

  public var metadata: NameTable<String> { manifest.description.metadata }

  /// What is kept beside the tensors and is no weight.
  package var attached: AttachedSource { AttachedSource(self) }

  /// The names of the entries that the manifest does not name: a later version added them.
  package var unnamedEntries: [String] { parts.flatMap { $0.unnamed.map(\.name) } }

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
  /// - Parameters:
  ///   - digest: The digest of the bytes that were read.
  ///   - tensor: One of ``tensors``.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when they differ, ``FormatError/noSuchTensor(_:)``.
  public func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
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

  /// The file in which lies what is stored at a position.
  func part(of position: Int) -> ContainerFile {
    guard parts.count > 1 else { return parts[0] }
    let count = manifest.tensors.count
    let (starts, place) =
      position < count ? (starts.tensors, position) : (starts.attachments, position - count)
    // Parts without tensors or attachments have the start of the next one.
    return parts[(starts.lastIndex { $0 <= place }) ?? 0]
  }
}
