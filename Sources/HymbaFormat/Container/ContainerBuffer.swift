/// The data part of a container while it is written.
struct ContainerBuffer: ~Copyable {
  private let output: OutputFile
  private let dataOffset: Int
  private let jobs: Int
  /// Whether identical tensors share their bytes. Where nothing is compressed each has its own, so that every
  /// safetensors library finds all names.
  private let storesCopiesOnce: Bool
  private let sha: BackgroundSHA256
  /// Of the stored bytes of the current tensor.
  private var hasher: XXH3Hasher
  /// Where the current tensor goes, counted from the start of the buffer.
  private var cursor = 0
  /// Where its next bytes go.
  private var end = 0
  /// The tensor that was appended as the first with this content.
  private var known: [Content: Int] = [:]
  private var appended: [Appended] = []

  /// What identical tensors have in common, known before their SHA-256 is.
  private struct Content: Hashable {
    let type: ElementType
    let shape: Shape
    let logical: XXH3Digest
  }

  private enum Appended {
    case entry(TensorDescriptor, StoredTensor.Encoding, Range<Int>, XXH3Digest)
    case alias(String, of: String)
  }

  init(
    _ output: consuming OutputFile, dataOffset: Int, storesCopiesOnce: Bool, jobs: Int
  ) throws(FormatError) {
    self.hasher = try XXH3Hasher()
    self.output = output
    self.dataOffset = dataOffset
    self.jobs = jobs
    self.storesCopiesOnce = storesCopiesOnce
    self.sha = BackgroundSHA256(jobs: jobs)
  }

  /// Stores tensors, one after the other. One that turns out to be identical to an earlier one may become its
  /// alias: its bytes are overwritten by what comes next.
  mutating func append(
    _ tensors: [TensorDescriptor], of source: any CheckpointSource,
    _ encoding: StoredTensor.Encoding, progress: (Int) -> Void
  ) throws {
    var logical = try XXH3Hasher()
    var frames: [SeekTable.Frame] = []
    try source.forEachBatch(
      of: tensors, windowElements: SectionGeometry.chunkElements, jobs: jobs
    ) { windows in
      for window in windows { sha.update(window) }
      let chunks = try Parallel.map(count: windows.count, jobs: jobs) { index in
        let window = windows[index]
        return switch encoding {
        case .raw: EncodedChunk(raw: window.bytes)
        case .zstd: try EncodedChunk(encoding: window.bytes.raw, window.tensor.type)
        }
      }
      for (window, chunk) in zip(windows, chunks) {
        let elements = window.bytes.count / window.tensor.type.byteSize
        for size in chunk.frameSizes {
          let offset = frames.last.map { $0.offset + $0.storedBytes } ?? 0
          frames.append(.init(offset: offset, storedBytes: size, decodedBytes: elements))
        }
        try write(chunk.bytes)
        if encoding == .zstd { logical.update(window.bytes.raw) }
        progress(window.bytes.count)
        guard window.isLast else { continue }
        if encoding == .zstd { try write(SeekTable.tail(for: frames, sectionOffset: cursor)) }
        let stored = hasher.finalize()
        finish(
          window.tensor, encoding, stored, logical: encoding == .zstd ? logical.finalize() : stored)
        frames = []
      }
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws {
    hasher.update(bytes.raw)
    try output.write(bytes, at: dataOffset + end)
    end += bytes.count
  }

  /// Enters the tensor whose bytes lie between the cursor and the end. Its SHA-256 is waited for only where it
  /// decides whether the tensor is a duplicate: hashing runs behind the writing.
  private mutating func finish(
    _ tensor: TensorDescriptor, _ encoding: StoredTensor.Encoding, _ stored: XXH3Digest,
    logical: XXH3Digest
  ) {
    let content = Content(type: tensor.type, shape: tensor.shape, logical: logical)
    if storesCopiesOnce, tensor.byteCount > 0, let first = known[content],
      case .entry(let original, _, _, _) = appended[first],
      sha.digest(first) == sha.digest(appended.count)
    {
      appended.append(.alias(tensor.name, of: original.name))
      end = cursor
      return
    }
    known[content] = appended.count
    appended.append(.entry(tensor, encoding, cursor..<end, stored))
    cursor = end
  }

  /// What was stored and where, and which tensors are identical to one of these. Forgets them: of many tensors that
  /// is much, and the file is read again from here on.
  mutating func takeContents() -> ([StoredTensor], ranges: [Range<Int>], [TensorAlias]) {
    var tensors: [StoredTensor] = []
    var ranges: [Range<Int>] = []
    var aliases: [TensorAlias] = []
    tensors.reserveCapacity(appended.count)
    for (index, tensor) in appended.enumerated() {
      switch tensor {
      case .entry(let descriptor, let encoding, let range, let xxh3):
        tensors.append(
          StoredTensor(
            descriptor: descriptor, encoding: encoding,
            chunkElements: encoding == .zstd ? SectionGeometry.chunkElements : nil,
            sha256: sha.digest(index), entry: StoredTensor.entryName(of: descriptor.name, encoding),
            xxh3: xxh3))
        ranges.append(range)
      case .alias(let name, let original):
        aliases.append(TensorAlias(name: name, of: original))
      }
    }
    (appended, known) = ([], [:])
    sha.forget()
    return (tensors, ranges, aliases)
  }

  /// Appends the manifest, fills in the header and gives the file its name.
  /// - Parameter check: Reads the complete file, before it has its name.
  consuming func finish(
    _ manifest: Manifest, _ ranges: [Range<Int>], check: (_ path: String) throws -> Void
  ) throws {
    let (byteCount, digest) = try write(manifest)
    let range = cursor..<cursor + byteCount
    let header = ContainerHeader(
      formatVersion: manifest.formatVersion, manifestDigest: "\(digest)",
      metadata: manifest.description.metadata,
      entries: zip(manifest.tensors, ranges).map { .init($0.descriptor, $0.encoding, at: $1) }
        + [.init(name: Manifest.entryName, bytes: range)]
    ).text
    let padding = [UInt8](repeating: 0x20, count: manifest.headerLength - header.count)
    try output.write(littleEndian(UInt64(manifest.headerLength)), at: 0)
    try output.write(header, at: 8)
    try output.write(padding, at: 8 + header.count)
    try output.commit(byteCount: dataOffset + range.upperBound, check: check)
  }

  /// Appends the manifest's text, which is not kept: of many tensors it is large.
  private borrowing func write(_ manifest: Manifest) throws -> (byteCount: Int, SHA256Digest) {
    let json = manifest.json
    guard json.count <= Limits.manifestBytes else {
      throw FormatError.cannotWrite(
        "the manifest has \(json.count) bytes, and at most \(Limits.manifestBytes) are read")
    }
    try output.write(json, at: dataOffset + cursor)
    return (json.count, SHA256Digest(of: json))
  }
}

extension SectionGeometry {
  /// How the writer cuts a tensor.
  init(of tensor: TensorDescriptor) {
    self.init(
      type: tensor.type, elementCount: tensor.shape.elementCount,
      chunkElements: Self.chunkElements)
  }
}
