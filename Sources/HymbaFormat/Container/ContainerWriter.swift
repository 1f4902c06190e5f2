/// Writes a `.hymba` container: one pass over the source, in bounded memory, complete or not at all.
public struct ContainerWriter: Sendable {
  public enum Compression: String, Sendable, CaseIterable { case none, zstd }

  public var compression: Compression
  /// Chunks that are read and encoded at once.
  public var jobs: Int
  /// Whether an existing file may be replaced.
  public var replace: Bool
  /// The program that writes, as the manifest names it.
  public var creator: String
  /// Whether what was written is read again and compared with the source, before the file has its name. That it
  /// can be opened is made sure of in any case.
  public var verifies: Bool

  /// Tensors of fewer bytes are stored raw: a section's own bytes would outweigh what it saves.
  static let smallestSection = 1024

  public init(
    compression: Compression, jobs: Int, replace: Bool, creator: String, verifies: Bool = true
  ) {
    self.compression = compression
    self.jobs = jobs
    self.replace = replace
    self.creator = creator
    self.verifies = verifies
  }

  /// Writes every tensor of `source` to a container at `path`.
  ///
  /// - Parameters:
  ///   - progress: Is told the logical bytes of the source that were written, and then those that were compared,
  ///     since the last call.
  ///   - conclude: Called when all tensors are written, before the file gets its name: what it returns is
  ///     added to what the manifest says was assumed, what it throws leaves no file.
  /// - Returns: The manifest as written.
  /// - Throws: ``FormatError/reservedName(_:)``, ``FormatError/tooManyMarks(in:)``,
  ///   ``FormatError/writtenDiffers(tensor:)``, the errors of ``OutputFile`` and of the source.
  @discardableResult
  public func write(
    _ source: any CheckpointSource, _ description: CheckpointDescription, to path: String,
    progress: (Int) -> Void = { _ in }, conclude: () throws -> [String] = { [] }
  ) throws -> Manifest {
    for tensor in source.tensors { try Self.requireStorable(tensor.name) }
    try description.requireReadable()
    let plan = plan(for: source.tensors)
    let headerLength = ContainerHeader.reservedLength(for: plan, metadata: description.metadata)
    guard headerLength <= Limits.safetensorsHeaderBytes else {
      throw FormatError.headerTooLarge(
        declared: UInt64(headerLength), limit: Limits.safetensorsHeaderBytes)
    }
    try OutputFile.requirePlace(path, replace: replace)
    let bound = bytesBound(of: plan, description, headerLength: headerLength)
    // How much smaller sections become is not known before: a disk that is full then is said when it is.
    let rawBytes = plan.reduce(0) { $0 + ($1.1 == .raw ? $1.0.byteCount : 0) }
    try FileSystem.requireFreeBytes(rawBytes + headerLength, forFileAt: path)

    var buffer = try ContainerBuffer(
      OutputFile(path, replace: replace, expectedBytes: bound, mode: source.outputMode),
      dataOffset: 8 + headerLength, storesCopiesOnce: compression != .none, jobs: jobs)
    for encoding in [StoredTensor.Encoding.raw, .zstd] {
      let tensors = plan.filter { $0.1 == encoding }.map(\.0)
      try buffer.append(tensors, of: source, encoding, progress: progress)
    }
    var description = description
    description.assumptions += try conclude()
    try description.requireReadable()
    let (tensors, ranges, aliases) = buffer.takeContents()
    if let container = source as? ContainerSource {
      for stored in tensors { try container.require(stored.sha256, of: stored.descriptor) }
    }
    let manifest = Manifest(
      formatVersion: Manifest.version(for: source.tensors, description.layout), headerLength: headerLength, creator: creator, description: description,
      tensors: tensors, aliases: aliases)
    try buffer.finish(manifest, ranges) { path in
      // Every byte is compared with the source, so the digests need not be.
      let written = try FormatError.readingBack {
        try ContainerSource(path, comparesDigests: false)
      }
      if verifies { try source.requireSame(in: written, jobs: jobs, progress: progress) }
    }
    return manifest
  }

  /// What is stored how, in the order of the buffer: raw tensors by element size descending, then name, so
  /// that each is aligned to its elements; then sections by name.
  private func plan(for tensors: TensorTable) -> [(TensorDescriptor, StoredTensor.Encoding)] {
    let isRaw: (TensorDescriptor) -> Bool = { tensor in
      let section = StoredTensor.entryName(of: tensor.name, .zstd)
      return compression == .none || tensor.type.isOpaque || tensor.shape.rank == 0
        || tensor.byteCount < Self.smallestSection
        || SectionGeometry(of: tensor).frameCount > Limits.sectionFrames
        // A name that is too long, and one that is another tensor's.
        || section.utf8.count > Limits.nameBytes || tensors[section] != nil
    }
    let raw = tensors.filter(isRaw).sorted(by: SafetensorsWriter.storageOrder)
    let sections = tensors.filter { !isRaw($0) }.sorted { $0.name.utf8Precedes($1.name) }
    return raw.map { ($0, .raw) } + sections.map { ($0, .zstd) }
  }

  /// Bytes that the file can take at most, so that a full disk is known before the work starts.
  private func bytesBound(
    of plan: [(TensorDescriptor, StoredTensor.Encoding)], _ description: CheckpointDescription,
    headerLength: Int
  ) -> Int {
    let data = plan.reduce(0) { sum, entry in
      switch entry.1 {
      case .raw: sum + entry.0.byteCount
      case .zstd: sum + SectionGeometry(of: entry.0).storedBytesBound
      }
    }
    // A line of the manifest has a name twice and two digests: up to four lines of the header. Texts in it
    // are escaped.
    let texts =
      (description.architecture?.count ?? 0) + (description.configuration?.text.utf8.count ?? 0)
    return data + 8 + headerLength + 4 * headerLength + 2 * texts
  }

  /// - Throws: ``FormatError/reservedName(_:)`` for a name that the container uses itself or that cannot
  ///   be printed.
  static func requireStorable(_ name: String) throws(FormatError) {
    guard !name.isReserved else { throw .reservedName(name) }
  }
}
