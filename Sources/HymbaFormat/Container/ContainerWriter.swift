/// Writes a `.hymba` container in bounded memory. The file appears complete or not at all.
public struct ContainerWriter: Sendable {
  public enum Compression: String, Sendable, CaseIterable { case none, zstd }

  public var compression: Compression
  /// How hard the writer tries to make compressed tensors small.
  public var level: CompressionLevel
  /// The number of chunks that are read and encoded at once.
  public var jobs: Int
  /// Whether an existing file may be replaced.
  public var replace: Bool
  /// The name of the writing program, for the manifest.
  public var creator: String
  /// Whether the written tensors are read again and compared with the source before the file gets its name. The
  /// file is opened for a check in any case.
  public var verifies: Bool
  /// The container relative to which tensors are stored; nil for a container that stands alone. Only what differs from
  /// it is stored, where that takes fewer bytes. Where no tensor is stored relative to it, the container stands alone.
  public var base: ContainerSource?
  /// The share of a tensor's bytes that its section must save. Other tensors are stored raw.
  var smallestGain = SectionGain.smallest

  /// Tensors of fewer bytes are stored raw: the overhead of a section would be larger than its savings.
  static let smallestSection = 1024

  public init(
    compression: Compression, level: CompressionLevel = .default, jobs: Int, replace: Bool, creator: String,
    verifies: Bool = true
  ) {
    self.compression = compression
    self.level = level
    self.jobs = jobs
    self.replace = replace
    self.creator = creator
    self.verifies = verifies
  }

  /// Writes every tensor of `source` to a container at `path`.
  ///
  /// - Parameters:
  ///   - source: The tensors, which are read in windows.
  ///   - description: What the manifest says beside them.
  ///   - path: Where the file is to be. Until it is complete, nothing is there.
  ///   - progress: Called with the number of logical bytes that were written since the last call.
  ///     When the writing is done, it is called with those that were compared.
  ///   - conclude: Called when all tensors are written, before the file gets its name. The sentences that it
  ///     returns are added to the manifest's assumptions. If it throws, no file is left.
  /// - Returns: The manifest as written.
  /// - Throws: ``FormatError/reservedName(_:)``, ``FormatError/tooManyMarks(in:)``,
  ///   ``FormatError/headerTooLarge(declared:limit:)``, ``FormatError/notEnoughSpace(needed:available:)``,
  ///   ``FormatError/writtenDiffers(tensor:)``, ``FormatError/writtenUnreadable(_:)``, what `conclude` throws,
  ///   and the errors of `OutputFile` and of the source.
  /// - Complexity: Reads the source once, a sample of each tensor before where it compresses, and everything a second
  ///   time if ``verifies`` is set.
  @discardableResult
  public func write(
    _ source: any CheckpointSource, _ description: CheckpointDescription, to path: String,
    progress: (Int) -> Void = { _ in }, conclude: () throws -> [String] = { [] }
  ) throws -> Manifest {
    try write(
      source, description, with: Attachments(), to: path, progress: progress, conclude: conclude)
  }

  /// Writes every tensor of `source` to a container at `path`, as
  /// ``write(_:_:to:progress:conclude:)`` does, and attachments behind them.
  /// - Parameter part: What is said of the model that the tensors are a part of; nil for a container by itself.
  /// - Throws: As ``write(_:_:to:progress:conclude:)``, and ``FormatError/attachmentNameTaken(_:)``.
  @discardableResult
  package func write(
    _ source: any CheckpointSource, _ description: CheckpointDescription,
    with attachments: Attachments, as part: ContainerPart? = nil, to path: String, progress: (Int) -> Void = { _ in },
    conclude: () throws -> [String] = { [] }
  ) throws -> Manifest {
    for tensor in source.tensors { try Self.requireStorable(tensor.name) }
    try description.requireReadable()
    try OutputFile.requirePlace(path, replace: replace)
    let comparison = try compare(source, progress: progress)
    if let comparison, !comparison.findsSomething {
      var writer = self
      writer.base = nil
      return try writer.write(
        source, description, with: attachments, as: part, to: path, progress: progress, conclude: conclude)
    }
    let tensorPlan = try plan(for: source, comparison)
    let attachmentPlan = try plan(for: attachments)
    try Self.requireApart(attachmentPlan, from: tensorPlan, of: source.tensors)
    let plan = tensorPlan + attachmentPlan
    let headerLength = headerLength(for: plan, description)
    guard headerLength <= Limits.safetensorsHeaderBytes else {
      throw FormatError.headerTooLarge(
        declared: UInt64(headerLength), limit: Limits.safetensorsHeaderBytes)
    }
    let bound = bytesBound(of: plan, description, headerLength: headerLength) + (part?.model?.count ?? 0)
    // The size of the compressed sections is not known yet, so only the raw tensors are counted. If the disk
    // becomes full later, the writing fails then.
    let rawBytes = plan.reduce(0) { $0 + ($1.1 == .raw ? $1.0.byteCount : 0) }
    try FileSystem.requireFreeBytes(rawBytes + headerLength, forFileAt: path)

    var buffer = try ContainerBuffer(
      OutputFile(path, replace: replace, expectedBytes: bound, mode: source.outputMode),
      dataOffset: 8 + headerLength, storesCopiesOnce: compression != .none, level, jobs: jobs)
    for encoding in [StoredTensor.Encoding.raw, .zstd, .delta] {
      let tensors = tensorPlan.filter { $0.1 == encoding }.map(\.0)
      try buffer.append(tensors, of: source, encoding, from: comparison, progress: progress)
    }
    let relation = try comparison?.record(of: source, jobs: jobs, progress: progress)
    for encoding in [StoredTensor.Encoding.raw, .zstd] {
      let attached = attachmentPlan.filter { $0.1 == encoding }.map(\.0)
      try buffer.attach(attached, of: attachments, encoding, progress: progress)
    }
    var description = description
    description.assumptions += try conclude()
    try description.requireReadable()
    let contents = buffer.takeContents()
    for stored in contents.tensors { try source.require(stored.sha256, of: stored.descriptor) }
    for stored in contents.attachments { try attachments.requireOriginal(stored.sha256, of: stored.descriptor) }
    let manifest = Manifest(
      formatVersion: part == nil
        ? Manifest.version(
          for: source.tensors, description.layout, hasAttachments: !attachments.isEmpty,
          isRelative: relation != nil)
        : Manifest.fifthVersion,
      headerLength: headerLength, creator: creator, description: description,
      tensors: contents.tensors, aliases: contents.aliases, attachments: contents.attachments, part: part,
      base: relation)
    try buffer.finish(manifest, contents.ranges) { path in
      // Every byte is compared with the source if ``verifies`` is set, so the digests are not compared here.
      let written = try FormatError.readingBack {
        try ContainerSource(path, comparesDigests: false, base: base)
      }
      guard verifies else { return }
      try source.requireSame(in: written, jobs: jobs, progress: progress)
      try attachments.requireSame(in: written.attached, jobs: jobs, progress: progress)
    }
    return manifest
  }

  /// Makes sure that attachments have valid names, and that neither these nor the names of their entries are those
  /// of tensors.
  /// - Throws: ``FormatError/reservedName(_:)``, ``FormatError/attachmentNameTaken(_:)``.
  private static func requireApart(
    _ attachments: [(TensorDescriptor, StoredTensor.Encoding)],
    from plan: [(TensorDescriptor, StoredTensor.Encoding)], of tensors: TensorTable
  ) throws(FormatError) {
    guard !attachments.isEmpty else { return }
    let entries = Set(plan.map { NameKey(StoredTensor.entryName(of: $0.0.name, $0.1)) })
    for (attachment, encoding) in attachments {
      guard AttachmentName(attachment.name) != nil else { throw .reservedName(attachment.name) }
      let entry = StoredTensor.entryName(of: attachment.name, encoding)
      guard tensors[attachment.name] == nil, !entries.contains(NameKey(entry)) else {
        throw .attachmentNameTaken(attachment.name)
      }
    }
  }

  /// The tensors in the order of the buffer, each with its encoding. Raw tensors come first, by element size
  /// descending, then by name, so that each is aligned to its elements. Sections follow by name.
  ///
  /// - Parameter comparison: What the tensors are beside those of the base. Equal ones are not stored.
  private func plan(
    for source: any CheckpointSource, _ comparison: BaseComparison? = nil
  ) throws -> [(TensorDescriptor, StoredTensor.Encoding)] {
    let equal = Set(comparison?.equal.map { NameKey($0.name) } ?? [])
    let stored = source.tensors.filter { !equal.contains(NameKey($0.name)) }
    let gain = SectionGain(in: source, level, smallest: smallestGain)
    let encodings = try Parallel.map(count: stored.count, jobs: jobs) { index -> StoredTensor.Encoding in
      let tensor = stored[index]
      guard canBeSection(tensor, among: source.tensors) else { return .raw }
      if comparison?.smaller.contains(NameKey(tensor.name)) == true { return .delta }
      return try gain.isWorthwhile(tensor) ? .zstd : .raw
    }
    let planned = zip(stored, encodings)
    let raw = planned.filter { $0.1 == .raw }.sorted { SafetensorsWriter.storageOrder($0.0, $1.0) }
    return raw + planned.filter { $0.1 != .raw }.sorted { $0.0.name.utf8Precedes($1.0.name) }
  }

  /// Whether a tensor can be stored as a section, and is not too small for it.
  private func canBeSection(_ tensor: TensorDescriptor, among tensors: TensorTable) -> Bool {
    let encodings: [StoredTensor.Encoding] = base == nil ? [.zstd] : [.zstd, .delta]
    return compression != .none && !tensor.type.isOpaque && tensor.shape.rank > 0
      && tensor.byteCount >= Self.smallestSection
      && SectionGeometry(of: tensor, holdsDifferences: base != nil).frameCount <= Limits.sectionFrames
      // A section's name may be too long, or another tensor's name.
      && encodings.allSatisfy { encoding in
        let name = StoredTensor.entryName(of: tensor.name, encoding)
        return name.utf8.count <= Limits.nameBytes && tensors[name] == nil
      }
  }

  /// Compares the source with the base, if there is one.
  /// - Throws: ``BaseProblem/chainTooLong``, why the base's own base is not there, and as `BaseComparison`.
  private func compare(
    _ source: any CheckpointSource, progress: (Int) -> Void
  ) throws -> BaseComparison? {
    guard let base else { return nil }
    try naming(base.location) {
      try base.requireBaseOfBase()
      guard base.chain.count < Limits.chainedContainers else { throw FormatError.base(.chainTooLong) }
    }
    return try BaseComparison(
      of: source, with: base, isSection: { canBeSection($0, among: source.tensors) }, level, jobs: jobs,
      progress: progress)
  }

  /// The bytes to reserve for the header. A file that holds little has no room to spare: where there is a base, its
  /// numbers get no more digits than they can have.
  private func headerLength(
    for plan: [(TensorDescriptor, StoredTensor.Encoding)], _ description: CheckpointDescription
  ) -> Int {
    let most = ContainerHeader.reservedLength(for: plan, metadata: description.metadata)
    guard base != nil else { return most }
    let bound = bytesBound(of: plan, description, headerLength: most)
    return ContainerHeader.reservedLength(
      for: plan, metadata: description.metadata, digits: String(bound).utf8.count)
  }

  /// The most bytes that the file can have. So a full disk is noticed before the work starts.
  private func bytesBound(
    of plan: [(TensorDescriptor, StoredTensor.Encoding)], _ description: CheckpointDescription,
    headerLength: Int
  ) -> Int {
    let data = plan.reduce(0) { sum, entry in
      switch entry.1 {
      case .raw: sum + entry.0.byteCount
      case .zstd, .delta:
        sum + SectionGeometry(of: entry.0, holdsDifferences: entry.1 == .delta).storedBytesBound
      }
    }
    // An entry of the manifest has a name twice and two digests: up to four times an entry of the header. The
    // texts are counted twice, because the manifest escapes them.
    let texts =
      (description.architecture?.count ?? 0) + (description.configuration?.text.utf8.count ?? 0)
    return data + 8 + headerLength + 4 * headerLength + 2 * texts
  }

  /// - Throws: ``FormatError/reservedName(_:)`` for a name that the container uses itself or that cannot be
  ///   printed.
  static func requireStorable(_ name: String) throws(FormatError) {
    guard !name.isReserved else { throw .reservedName(name) }
  }
}
