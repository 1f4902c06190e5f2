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
  /// For each of ``tensors``, the position of the stored tensor in ``Manifest/tensors``.
  private let storage: [Int]
  /// For each of ``parts``, the position of its first tensor and of its first attachment in the manifest.
  private let starts: (tensors: [Int], attachments: [Int])
  private let recentSections: RecentSections

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

  init(_ path: String, comparesDigests: Bool) throws(FormatError) {
    try self.init(ContainerFile(path), comparesDigests: comparesDigests)
  }

  init(_ file: ContainerFile, comparesDigests: Bool = true) throws(FormatError) {
    try self.init(
      [file], manifest: file.manifest, tensors: file.tensors, attached: file.attachedTensors,
      location: file.file.path, comparesDigests: comparesDigests)
  }

  /// - Parameters:
  ///   - parts: The files, in the order of their tensors.
  ///   - manifest: The manifest of all files together.
  ///   - tensors: Its logical tensors.
  ///   - attached: Its attachments.
  ///   - location: The path that the user gave.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` for a carried tensor that is not there.
  init(
    _ parts: [ContainerFile], manifest: Manifest, tensors: TensorTable, attached: TensorTable, location: String,
    comparesDigests: Bool = true
  ) throws(FormatError) {
    for name in manifest.description.carried where tensors[name] == nil {
      throw .manifestInvalid("it carries “\(name.printable)”, which it does not have")
    }
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
    // `tensors` lists the stored tensors first, in the manifest's order, then the aliases.
    self.storage =
      Array(manifest.tensors.indices) + manifest.aliases.compactMap { tensors.position(of: $0.of) }
    self.starts = (
      Self.starts(of: parts.map(\.storedRanges.count)), Self.starts(of: parts.map(\.attachedRanges.count))
    )
  }

  private static func starts(of counts: [Int]) -> [Int] {
    var sum = 0
    return counts.map { count in
      defer { sum += count }
      return sum
    }
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
      zip(tensors, storage).map { tensor, position in (tensor, manifest.tensors[position].sha256) })
  }

  /// Compares the SHA-256 of a tensor's logical bytes with the one in the manifest.
  /// - Parameters:
  ///   - digest: The digest of the bytes that were read.
  ///   - tensor: One of ``tensors``.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when they differ, ``FormatError/noSuchTensor(_:)``.
  public func require(_ digest: SHA256Digest, of tensor: TensorDescriptor) throws(FormatError) {
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
  func stored(_ position: Int) -> (StoredTensor, in: InputFile, at: Range<Int>) {
    let count = manifest.tensors.count
    let file = part(of: position).file
    return position < count
      ? (manifest.tensors[position], file, storedRanges[position])
      : (manifest.attachments[position - count], file, attachedRanges[position - count])
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

  /// Reads a part of what is stored at a position.
  /// - Parameter tensor: The tensor under the name by which it is read, which may be an alias.
  func read(
    _ tensor: TensorDescriptor, at position: Int, from offset: Int,
    into buffer: inout MutableRawSpan
  ) throws {
    let (stored, file, range) = stored(position)
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
      try SectionReader(tensor.name, geometry, file, range)
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
    let (stored, file, range) = stored(position)
    let entry = StoredEntry(
      tensor: tensor.name, file: file, range: range, xxh3: stored.xxh3, isGood: isGood)
    guard let geometry = stored.geometry else { return try RawReading(tensor, entry) }
    return try SectionReading(tensor, entry, geometry)
  }

  private func requireUndamaged(_ position: Int, _ name: String) throws {
    try checks?.require(position) {
      let (stored, file, range) = stored(position)
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
