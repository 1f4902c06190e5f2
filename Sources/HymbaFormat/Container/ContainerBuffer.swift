/// The data part of a container while it is written.
struct ContainerBuffer: ~Copyable {
  private let output: OutputFile
  private let dataOffset: Int
  private let jobs: Int
  /// Whether identical tensors share their bytes. In an uncompressed container each tensor has its own bytes,
  /// so that every safetensors library finds all names.
  private let storesCopiesOnce: Bool
  private let encoder: ChunkEncoder
  private let sha: BackgroundSHA256
  /// The XXH3 of the current tensor's stored bytes.
  private var hasher: XXH3Hasher
  /// The offset in the buffer at which the current tensor begins.
  private var cursor = 0
  /// The offset in the buffer at which the current tensor's next bytes go.
  private var end = 0
  /// For each content, the position in `appended` of the latest tensor stored with it.
  private var known: [Content: Int] = [:]
  private var appended: [Appended] = []
  /// The number of tensors that were appended before the first attachment; nil while there is none.
  private var tensorCount: Int?

  /// The key by which identical tensors are found before their SHA-256 is known.
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
    _ output: consuming OutputFile, dataOffset: Int, storesCopiesOnce: Bool, _ level: CompressionLevel,
    jobs: Int
  ) throws(FormatError) {
    self.hasher = try XXH3Hasher()
    self.output = output
    self.dataOffset = dataOffset
    self.jobs = jobs
    self.storesCopiesOnce = storesCopiesOnce
    self.encoder = ChunkEncoder(level)
    self.sha = BackgroundSHA256(jobs: jobs)
  }

  /// Stores tensors, one after the other. A tensor that turns out to be identical to an earlier one may become
  /// its alias; the next tensor then overwrites its bytes.
  /// - Parameter base: From which the tensors differ, for those that are stored as differences.
  mutating func append(
    _ tensors: [TensorDescriptor], of source: any CheckpointSource,
    _ encoding: StoredTensor.Encoding, from base: BaseComparison? = nil, progress: (Int) -> Void
  ) throws {
    var logical = try XXH3Hasher()
    var frames: [SeekTable.Frame] = []
    try source.forEachBatch(
      of: tensors, windowElements: SectionGeometry.chunkElements, jobs: jobs
    ) { [encoder] windows in
      for window in windows { sha.update(window) }
      let chunks = try Parallel.map(count: windows.count, jobs: jobs) { index in
        let window = windows[index]
        switch encoding {
        case .raw: return EncodedChunk(raw: window.bytes)
        case .zstd: return try encoder.encode(window.bytes.raw, window.tensor.type)
        case .delta:
          let original = try base?.bytes(at: window) ?? []
          return try encoder.encode(window.bytes.raw, differingFrom: original.raw, window.tensor.type)
        }
      }
      for (window, chunk) in zip(windows, chunks) {
        for frame in chunk.frames {
          let offset = frames.last.map { $0.offset + $0.storedBytes } ?? 0
          frames.append(
            .init(offset: offset, storedBytes: frame.storedBytes, decodedBytes: frame.decodedBytes))
        }
        try write(chunk.bytes)
        if encoding != .raw { logical.update(window.bytes.raw) }
        progress(window.bytes.count)
        guard window.isLast else { continue }
        if encoding != .raw {
          try write(SeekTable.tail(for: frames, sectionOffset: encoding == .delta ? nil : cursor))
        }
        let stored = hasher.finalize()
        finish(
          window.tensor, encoding, stored, logical: encoding != .raw ? logical.finalize() : stored)
        frames = []
      }
    }
  }

  /// Stores what is kept beside the tensors, as ``append(_:of:_:progress:)`` stores tensors. Each has bytes of its
  /// own.
  mutating func attach(
    _ attachments: [TensorDescriptor], of source: any CheckpointSource,
    _ encoding: StoredTensor.Encoding, progress: (Int) -> Void
  ) throws {
    tensorCount = tensorCount ?? appended.count
    try append(attachments, of: source, encoding, progress: progress)
  }

  private mutating func write(_ bytes: [UInt8]) throws {
    hasher.update(bytes.raw)
    try output.write(bytes, at: dataOffset + end)
    end += bytes.count
  }

  /// Records the tensor whose bytes lie between `cursor` and `end`. Its SHA-256 is waited for only where it
  /// decides whether the tensor is a duplicate, because the hashing runs behind the writing.
  private mutating func finish(
    _ tensor: TensorDescriptor, _ encoding: StoredTensor.Encoding, _ stored: XXH3Digest,
    logical: XXH3Digest
  ) {
    let content = Content(type: tensor.type, shape: tensor.shape, logical: logical)
    if storesCopiesOnce, tensorCount == nil, tensor.byteCount > 0, let first = known[content],
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

  /// What a buffer holds.
  struct Contents {
    var tensors: [StoredTensor] = []
    var attachments: [StoredTensor] = []
    /// Where each lies in the buffer, the tensors first.
    var ranges: [Range<Int>] = []
    var aliases: [TensorAlias] = []
  }

  /// Returns the stored tensors and attachments. The buffer then forgets them, because the lists are large for many
  /// tensors and the file is read again after this.
  mutating func takeContents() -> Contents {
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
            chunkElements: encoding != .raw ? SectionGeometry.chunkElements : nil,
            sha256: sha.digest(index), entry: StoredTensor.entryName(of: descriptor.name, encoding),
            xxh3: xxh3))
        ranges.append(range)
      case .alias(let name, let original):
        aliases.append(TensorAlias(name: name, of: original))
      }
    }
    // Attachments come after all tensors and are never aliases.
    let stored = tensorCount.map { $0 - aliases.count } ?? tensors.count
    (appended, known) = ([], [:])
    sha.forget()
    return Contents(
      // A slice would be a copy, and the lists are large.
      tensors: stored == tensors.count ? tensors : Array(tensors[..<stored]),
      attachments: Array(tensors[stored...]), ranges: ranges, aliases: aliases)
  }

  /// Appends the manifest, fills in the header and gives the file its name.
  /// - Parameter check: Reads the complete file before it has its name.
  /// - Throws: ``FormatError/cannotWrite(_:)``, ``FormatError/outputExists``, and what `check` throws.
  consuming func finish(
    _ manifest: Manifest, _ ranges: [Range<Int>], check: (_ path: String) throws -> Void
  ) throws {
    let (byteCount, digest) = try write(manifest)
    let range = cursor..<cursor + byteCount
    let header = ContainerHeader(
      formatVersion: manifest.formatVersion, manifestDigest: "\(digest)",
      metadata: manifest.description.metadata,
      entries: zip(manifest.stored, ranges).map { .init($0.descriptor, $0.encoding, at: $1) }
        + [.init(name: Manifest.entryName, bytes: range)]
    ).text
    let padding = [UInt8](repeating: 0x20, count: manifest.headerLength - header.count)
    try output.write(littleEndian(UInt64(manifest.headerLength)), at: 0)
    try output.write(header, at: 8)
    try output.write(padding, at: 8 + header.count)
    try output.commit(byteCount: dataOffset + range.upperBound, check: check)
  }

  /// Appends the manifest: its JSON text, or the frame of it. The text is large for many tensors, so it is not kept.
  /// - Returns: The bytes that were appended, and their SHA-256.
  private borrowing func write(_ manifest: Manifest) throws -> (byteCount: Int, SHA256Digest) {
    let json = manifest.json
    guard json.count <= Limits.manifestBytes else {
      throw FormatError.cannotWrite(
        "the manifest has \(json.count) bytes, and at most \(Limits.manifestBytes) are read")
    }
    let bytes = manifest.isOfFirstMajorVersion ? json : try ManifestFrame.encode(json)
    try output.write(bytes, at: dataOffset + cursor)
    return (bytes.count, SHA256Digest(of: bytes))
  }
}

extension SectionGeometry {
  /// The chunks and frames into which the writer cuts a tensor.
  init(of tensor: TensorDescriptor, holdsDifferences: Bool = false) {
    self.init(
      type: tensor.type, elementCount: tensor.shape.elementCount,
      chunkElements: Self.chunkElements, holdsDifferences: holdsDifferences)
  }
}
