/// The data part of a container while it is written.
struct ContainerBuffer: ~Copyable {
  private let output: OutputFile
  private let dataOffset: Int
  private let jobs: Int
  /// Of the stored bytes of the current tensor.
  private var hasher: XXH3Hasher
  /// Where the current tensor goes, counted from the start of the buffer.
  private var cursor = 0
  /// Where its next bytes go.
  private var end = 0
  /// Stored tensors by content, to find identical ones.
  private var known: [Content: String] = [:]

  private(set) var entries: [(tensor: StoredTensor, range: Range<Int>)] = []
  private(set) var aliases: [TensorAlias] = []

  private struct Content: Hashable {
    let type: ElementType
    let shape: Shape
    let sha256: SHA256Digest
  }

  init(_ output: consuming OutputFile, dataOffset: Int, jobs: Int) throws(FormatError) {
    self.hasher = try XXH3Hasher()
    self.output = output
    self.dataOffset = dataOffset
    self.jobs = jobs
  }

  /// Stores tensors, one after the other. One that turns out to be identical to an earlier one becomes its
  /// alias: its bytes are overwritten by what comes next.
  mutating func append(
    _ tensors: [TensorDescriptor], of source: any CheckpointSource,
    _ encoding: StoredTensor.Encoding, progress: (Int) -> Void
  ) throws {
    let sha = BackgroundSHA256(jobs: jobs)
    var frames: [SeekTable.Frame] = []
    try source.forEachBatch(
      of: tensors, windowElements: SectionGeometry.chunkElements, jobs: jobs, arrived: sha.update
    ) { windows in
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
        progress(window.bytes.count)
        guard window.isLast else { continue }
        if encoding == .zstd { try write(SeekTable.tail(for: frames, sectionOffset: cursor)) }
        finish(window.tensor, encoding, sha256: sha.next())
        frames = []
      }
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws {
    hasher.update(bytes.raw)
    try output.write(bytes, at: dataOffset + end)
    end += bytes.count
  }

  /// Enters the tensor whose bytes lie between the cursor and the end.
  private mutating func finish(
    _ tensor: TensorDescriptor, _ encoding: StoredTensor.Encoding, sha256: SHA256Digest
  ) {
    let xxh3 = hasher.finalize()
    let content = Content(type: tensor.type, shape: tensor.shape, sha256: sha256)
    if tensor.byteCount > 0, let first = known[content] {
      aliases.append(TensorAlias(name: tensor.name, of: first))
      end = cursor
      return
    }
    known[content] = tensor.name
    let stored = StoredTensor(
      descriptor: tensor, encoding: encoding,
      chunkElements: encoding == .zstd ? SectionGeometry.chunkElements : nil,
      sha256: sha256, entry: StoredTensor.entryName(of: tensor.name, encoding), xxh3: xxh3)
    entries.append((stored, cursor..<end))
    cursor = end
  }

  /// Appends the manifest, fills in the header and gives the file its name.
  /// - Parameter check: Reads the complete file, before it has its name.
  consuming func finish(
    _ manifest: Manifest, check: (_ path: String) throws -> Void
  ) throws {
    let json = manifest.json
    let range = cursor..<cursor + json.count
    let header = ContainerHeader(
      formatVersion: manifest.formatVersion, manifestDigest: "\(SHA256Digest(of: json))",
      metadata: manifest.description.metadata,
      entries: entries.map { .init($0.tensor.descriptor, $0.tensor.encoding, at: $0.range) }
        + [.init(name: Manifest.entryName, bytes: range)]
    ).text
    let padding = [UInt8](repeating: 0x20, count: manifest.headerLength - header.count)
    try output.write(json, at: dataOffset + cursor)
    try output.write(littleEndian(UInt64(manifest.headerLength)) + header + padding, at: 0)
    try output.commit(byteCount: dataOffset + range.upperBound, check: check)
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
