/// Where a tensor's stored bytes lie in a container, and the XXH3 that they must have.
struct StoredEntry: Sendable {
  /// The name under which the tensor is read. For an alias it is not the name of the stored tensor.
  let tensor: String
  let file: InputFile
  let range: Range<Int>
  let xxh3: XXH3Digest
  /// Called when the stored bytes have the right XXH3. Nil where they are not compared.
  let isGood: (@Sendable () -> Void)?

  /// A digest of the stored bytes in so many pieces; nil where they are not compared.
  func digest(pieces: Int) throws(FormatError) -> OrderedDigest? {
    isGood == nil ? nil : try OrderedDigest(count: pieces)
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
  private let digest: OrderedDigest?

  init(_ tensor: TensorDescriptor, _ entry: StoredEntry) throws(FormatError) {
    self.tensor = tensor
    self.entry = entry
    self.digest = try entry.digest(pieces: tensor.windowCount(tensor.windowBytes))
  }

  var isCompared: Bool { digest != nil }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    try entry.file.read(at: entry.range.lowerBound + offset, into: &buffer)
    guard let digest else { return }
    let end = offset + buffer.byteCount
    for window in offset / windowBytes..<windowCount {
      let range = range(ofWindow: window)
      guard range.upperBound <= end else { break }
      guard range.lowerBound >= offset else { continue }
      let bytes = buffer.bytes.extracting(range.lowerBound - offset..<range.upperBound - offset)
      if var hasher = digest.add(window, bytes) { try entry.require(hasher.finalize()) }
    }
  }
}

/// Reads a tensor that is stored as a compressed section, and compares its XXH3 chunk by chunk.
struct SectionReading: TensorReading {
  let tensor: TensorDescriptor
  let windowBytes: Int
  private let entry: StoredEntry
  private let section: SectionReader
  /// The XXH3 of the stored bytes; its pieces are the chunks.
  private let digest: OrderedDigest?

  init(
    _ tensor: TensorDescriptor, _ entry: StoredEntry, _ geometry: SectionGeometry
  ) throws(FormatError) {
    self.tensor = tensor
    // Small chunks share a window: handling one window for each chunk would cost more than decoding it.
    self.windowBytes =
      geometry.chunkBytes * max(1, SectionGeometry.chunkElements / geometry.chunkElements)
    self.entry = entry
    do throws(FormatError) {
      self.section = try SectionReader(tensor.name, geometry, entry.file, entry.range)
    } catch {
      throw try entry.cause(of: error)
    }
    self.digest = try entry.digest(pieces: max(1, geometry.chunkCount))
  }

  var readsWholeWindows: Bool { true }
  var isCompared: Bool { digest != nil }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    do {
      if tensor.byteCount == 0 { return try add(0, []) }
      try section.read(from: offset, into: &buffer, stored: add)
    } catch let error as FormatError {
      throw try entry.cause(of: error)
    }
  }

  private func add(_ chunk: Int, _ stored: [UInt8]) throws {
    guard let digest, var hasher = digest.add(chunk, stored.raw, kept: stored) else { return }
    try section.hashEnd(&hasher)
    try entry.require(hasher.finalize())
  }
}
