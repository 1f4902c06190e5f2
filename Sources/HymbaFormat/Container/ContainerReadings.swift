/// Where a tensor's stored bytes lie in a container, and the XXH3 that they must have.
struct StoredEntry: Sendable {
  /// The name under which the tensor is read. For an alias it is not the name of the stored tensor.
  let tensor: String
  let file: InputFile
  let range: Range<Int>
  let xxh3: XXH3Digest
  /// Called when the stored bytes have the right XXH3. Nil where they are not compared.
  let isGood: (@Sendable () -> Void)?

  /// The hash of so many stored bytes; nil where they are not compared.
  func hash(count: Int) throws(FormatError) -> OrderedHash<XXH3Hasher>? {
    isGood == nil ? nil : OrderedHash(count: count, try XXH3Hasher())
  }

  var damage: FormatError {
    .sectionDamaged(tensor: tensor, ContainerDamage.storedBytesDiffer)
  }

  /// Compares a digest of the stored bytes with the expected one.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``.
  func require(_ found: XXH3Digest) throws(FormatError) {
    guard found == xxh3 else { throw damage }
    isGood?()
  }

  /// The error to report for a section that does not decode. If the stored bytes have the wrong XXH3, the
  /// report says that, so that it does not depend on which part was read first.
  /// - Complexity: Reads the whole section, where stored bytes are compared.
  func cause(of error: FormatError) throws(FormatError) -> FormatError {
    guard isGood != nil, case .sectionDamaged = error, try file.xxh3(of: range) != xxh3 else {
      return error
    }
    return damage
  }
}

/// Reads a tensor that is stored raw, and compares its XXH3 window by window.
struct RawReading: TensorReading {
  let tensor: TensorDescriptor
  private let entry: StoredEntry
  private let hash: OrderedHash<XXH3Hasher>?

  init(_ tensor: TensorDescriptor, _ entry: StoredEntry) throws(FormatError) {
    self.tensor = tensor
    self.entry = entry
    self.hash = try entry.hash(count: tensor.byteCount)
  }

  var isCompared: Bool { hash != nil }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    try entry.file.read(at: entry.range.lowerBound + offset, into: &buffer)
    guard let hash, hash.add(offset, buffer.bytes) else { return }
    try entry.require(hash.finish { $0.finalize() })
  }
}

/// Reads a tensor that is stored as a compressed section, and compares its XXH3 chunk by chunk.
struct SectionReading: TensorReading {
  let tensor: TensorDescriptor
  let windowBytes: Int
  private let entry: StoredEntry
  private let section: SectionReader
  /// The base's tensor, for a section that holds differences from it.
  private let base: (any TensorReading)?
  /// The XXH3 of the stored bytes up to the end of the frames; its pieces are the chunks.
  private let hash: OrderedHash<XXH3Hasher>?

  init(
    _ tensor: TensorDescriptor, _ entry: StoredEntry, _ geometry: SectionGeometry, comparesChecksums: Bool,
    base: (any TensorReading)? = nil
  ) throws(FormatError) {
    self.tensor = tensor
    self.base = base
    // Small chunks share a window: handling one window for each chunk would cost more than decoding it.
    self.windowBytes =
      geometry.chunkBytes * max(1, SectionGeometry.chunkElements / geometry.chunkElements)
    self.entry = entry
    do throws(FormatError) {
      self.section = try SectionReader(
        tensor.name, geometry, entry.file, entry.range, comparesChecksums: comparesChecksums)
    } catch {
      throw try entry.cause(of: error)
    }
    self.hash = try entry.hash(count: section.storedOffset(ofChunk: geometry.chunkCount))
  }

  var readsWholeWindows: Bool { true }
  var isCompared: Bool { hash != nil }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    do {
      if tensor.byteCount == 0 { return try add(0, []) }
      try section.read(
        from: offset, into: &buffer, stored: add, base: { try base?.read(from: $0, into: &$1) })
    } catch let error as FormatError {
      throw try entry.cause(of: error)
    }
  }

  private func add(_ chunk: Int, _ stored: [UInt8]) throws {
    guard let hash, hash.add(section.storedOffset(ofChunk: chunk), stored.raw, kept: stored) else {
      return
    }
    try entry.require(
      hash.finish { hasher in
        try section.hashEnd(&hasher)
        return hasher.finalize()
      })
  }
}
