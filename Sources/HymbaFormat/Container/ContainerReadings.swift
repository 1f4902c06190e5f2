/// The stored bytes of a tensor of a container, and what they must be.
struct StoredEntry: Sendable {
  /// As it is named where it is read: an alias has another name than what is stored.
  let tensor: String
  let file: InputFile
  let range: Range<Int>
  let xxh3: XXH3Digest
  /// Is called when the stored bytes were found to be those that were written; nil where they are not compared.
  let isGood: (@Sendable () -> Void)?

  func digest(pieces: Int) throws(FormatError) -> OrderedDigest? {
    isGood == nil ? nil : try OrderedDigest(count: pieces)
  }

  var damage: FormatError {
    .sectionDamaged(tensor: tensor, ContainerDamage.storedBytesDiffer)
  }

  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``.
  func require(_ found: XXH3Digest) throws(FormatError) {
    guard found == xxh3 else { throw damage }
    isGood?()
  }

  /// What is to be said of a section that does not decode. Where its bytes are not those that were written, that
  /// is the cause, and the same whatever part was read first.
  func cause(of error: FormatError) throws(FormatError) -> FormatError {
    guard isGood != nil, case .sectionDamaged = error, try file.xxh3(of: range) != xxh3 else {
      return error
    }
    return damage
  }
}

/// Of a tensor that is stored as it is.
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

/// Of a tensor that is stored as a compressed section.
struct SectionReading: TensorReading {
  let tensor: TensorDescriptor
  let windowBytes: Int
  private let entry: StoredEntry
  private let section: SectionReader
  /// Of chunk after chunk.
  private let digest: OrderedDigest?

  init(
    _ tensor: TensorDescriptor, _ entry: StoredEntry, _ geometry: SectionGeometry
  ) throws(FormatError) {
    self.tensor = tensor
    // A file may have chunks so small that a window for each would take longer than they.
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
