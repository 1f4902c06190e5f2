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
  /// For each of ``tensors``, the position of the stored tensor in ``Manifest/tensors``.
  private let storage: [Int]
  private let recentSections = RecentSections()

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

  init(_ path: String, comparesDigests: Bool) throws(FormatError) {
    let file = try InputFile(path)
    let header: SafetensorsHeader
    do throws(FormatError) {
      header = try SafetensorsHeader(reading: file)
    } catch  where error.kind == .unreadable {
      throw .notAReadableContainer("\(error)")
    }
    try self.init(file, header: header, comparesDigests: comparesDigests)
  }

  init(
    _ file: InputFile, header: SafetensorsHeader, comparesDigests: Bool = true
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
    // `tensors` lists the stored tensors first, in the manifest's order, then the aliases.
    self.storage =
      Array(manifest.tensors.indices) + manifest.aliases.compactMap { tensors.position(of: $0.of) }
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
      zip(tensors, storage).map { tensor, position in (tensor, manifest.tensors[position].sha256) })
  }

  /// Compares the SHA-256 of a tensor's logical bytes with the one in the manifest.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when they differ, ``FormatError/noSuchTensor(_:)``.
  package func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
    guard let position = tensors.position(of: tensor.name) else { throw .noSuchTensor(tensor.name) }
    guard digest == manifest.tensors[storage[position]].sha256 else {
      throw .sectionDamaged(tensor: tensor.name, ContainerDamage.decodedBytesDiffer)
    }
  }

  /// The bytes of the entry that stores the tensor; 0 for an alias.
  public func storedBytes(of tensor: TensorDescriptor) -> Int {
    guard let position = tensors.position(of: tensor.name), position < storedRanges.count else {
      return 0
    }
    return storedRanges[position].count
  }

  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when the tensor's stored bytes are not those that were
  ///   written, ``FormatError/noSuchTensor(_:)``,
  ///   ``FormatError/rangeOutsideTensor(_:offset:count:available:)``, and the errors of reading the file.
  /// - Complexity: The first read of a tensor reads all of its stored bytes, to compare them.
  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = storage[try tensors.position(of: tensor, from: offset, count: buffer.byteCount)]
    try read(tensor, at: position, from: offset, into: &buffer)
  }

  /// Everything that is stored, the tensors of the manifest first, then the attachments.
  func stored(_ position: Int) -> (StoredTensor, at: Range<Int>) {
    let count = manifest.tensors.count
    return position < count
      ? (manifest.tensors[position], storedRanges[position])
      : (manifest.attachments[position - count], attachedRanges[position - count])
  }

  /// Reads a part of what is stored at a position.
  /// - Parameter tensor: The tensor under the name by which it is read, which may be an alias.
  func read(
    _ tensor: TensorDescriptor, at position: Int, from offset: Int,
    into buffer: inout MutableRawSpan
  ) throws {
    let (stored, range) = stored(position)
    guard let geometry = stored.geometry else {
      // A raw tensor that is read in one piece is compared in the buffer, not read twice.
      guard buffer.byteCount == range.count else {
        try requireUndamaged(position, tensor.name)
        return try file.read(at: range.lowerBound + offset, into: &buffer)
      }
      try file.read(at: range.lowerBound, into: &buffer)
      let whole = buffer.bytes
      try checks?.require(position) {
        var hasher = try XXH3Hasher()
        hasher.update(whole)
        try require(hasher.finalize(), of: stored, tensor.name)
      }
      return
    }
    try requireUndamaged(position, tensor.name)
    let section = try recentSections.section(position, tensor.name) { () throws(FormatError) in
      try SectionReader(
        tensor.name, geometry, file, range, comparesChecksums: checks == nil)
    }
    try section.read(from: offset, into: &buffer)
  }

  /// Begins to read a tensor. A reading of the whole tensor compares the stored bytes with their XXH3 while it
  /// reads them, unless they were found good before.
  ///
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a damaged seek table,
  ///   ``FormatError/noSuchTensor(_:)``, and the errors of reading the file.
  public func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    let position = storage[try tensors.position(of: tensor, from: 0, count: tensor.byteCount)]
    return try reading(of: tensor, at: position, purpose)
  }

  /// Begins to read what is stored at a position.
  func reading(
    of tensor: TensorDescriptor, at position: Int, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard purpose == .whole, let checks, !checks.isGood(position) else {
      return try reading(of: tensor, at: position, compared: nil)
    }
    return try reading(of: tensor, at: position) { checks.note(position) }
  }

  /// Begins to read the stored tensor at a position.
  /// - Parameters:
  ///   - tensor: The tensor under the name by which it is read, which may be an alias.
  ///   - position: The position of what is stored, as ``stored(_:)`` has it.
  ///   - isGood: Called when the stored bytes have the right XXH3. With nil they are not compared.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a damaged seek table, and the errors of reading
  ///   the file.
  func reading(
    of tensor: TensorDescriptor, at position: Int, compared isGood: (@Sendable () -> Void)?
  ) throws -> any TensorReading {
    let (stored, range) = stored(position)
    let entry = StoredEntry(
      tensor: tensor.name, file: file, range: range, xxh3: stored.xxh3, isGood: isGood)
    guard let geometry = stored.geometry else { return try RawReading(tensor, entry) }
    return try SectionReading(tensor, entry, geometry)
  }

  private func requireUndamaged(_ position: Int, _ name: String) throws {
    try checks?.require(position) {
      let (stored, range) = stored(position)
      try require(file.xxh3(of: range), of: stored, name)
    }
  }

  private func require(
    _ found: XXH3Digest, of stored: StoredTensor, _ name: String
  ) throws(FormatError) {
    guard found == stored.xxh3 else {
      throw .sectionDamaged(tensor: name, ContainerDamage.storedBytesDiffer)
    }
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
