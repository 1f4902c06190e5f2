/// The data part of a container while it is written.
struct ContainerBuffer: ~Copyable {
  private let output: OutputFile
  private let dataOffset: Int
  private let jobs: Int
  private let sha: BackgroundSHA256
  /// Where the next tensor goes, counted from the start of the buffer.
  private var cursor = 0
  /// Stored tensors by content, to find identical ones.
  private var known: [Content: String] = [:]

  private(set) var entries: [(tensor: StoredTensor, range: Range<Int>)] = []
  private(set) var aliases: [TensorAlias] = []

  private struct Content: Hashable {
    let type: ElementType
    let shape: Shape
    let sha256: SHA256Digest
  }

  init(_ output: consuming OutputFile, dataOffset: Int, jobs: Int) {
    self.output = output
    self.dataOffset = dataOffset
    self.jobs = jobs
    self.sha = BackgroundSHA256(jobs: jobs)
  }

  /// Stores one tensor. One that turns out to be identical to an earlier one becomes its alias: its bytes
  /// are overwritten by what comes next.
  mutating func append(
    _ tensor: TensorDescriptor, of source: any CheckpointSource,
    _ encoding: StoredTensor.Encoding, progress: (Int) -> Void
  ) throws {
    let start = cursor
    let digests =
      switch encoding {
      case .raw: try writeRaw(tensor, of: source, progress)
      case .zstd: try writeSection(tensor, of: source, progress)
      }
    let content = Content(type: tensor.type, shape: tensor.shape, sha256: digests.logical)
    if tensor.byteCount > 0, let first = known[content] {
      aliases.append(TensorAlias(name: tensor.name, of: first))
      cursor = start
      return
    }
    known[content] = tensor.name
    let stored = StoredTensor(
      descriptor: tensor, encoding: encoding,
      chunkElements: encoding == .zstd ? SectionGeometry.chunkElements : nil,
      sha256: digests.logical, entry: StoredTensor.entryName(of: tensor.name, encoding),
      xxh3: digests.stored)
    entries.append((stored, start..<cursor))
  }

  private typealias Digests = (logical: SHA256Digest, stored: XXH3Digest)

  private mutating func writeRaw(
    _ tensor: TensorDescriptor, of source: any CheckpointSource, _ progress: (Int) -> Void
  ) throws -> Digests {
    var xxh = try XXH3Hasher()
    let windowBytes = SectionGeometry(of: tensor).chunkBytes
    var end = cursor
    try source.forEachWindow(of: tensor, windowBytes: windowBytes, jobs: jobs) { window in
      sha.update(window)
      xxh.update(window.raw)
      try output.write(window, at: dataOffset + end)
      end += window.count
      progress(window.count)
    }
    cursor = end
    return (sha.finalize(), xxh.finalize())
  }

  private mutating func writeSection(
    _ tensor: TensorDescriptor, of source: any CheckpointSource, _ progress: (Int) -> Void
  ) throws -> Digests {
    var xxh = try XXH3Hasher()
    let geometry = SectionGeometry(of: tensor)
    var frames: [SeekTable.Frame] = []
    var written = 0
    var chunk = 0
    func write(_ bytes: [UInt8]) throws {
      xxh.update(bytes.raw)
      try output.write(bytes, at: dataOffset + cursor + written)
      written += bytes.count
    }
    try source.forEachBatch(of: tensor, windowBytes: geometry.chunkBytes, jobs: jobs) { windows in
      let encoded = try Parallel.map(count: windows.count, jobs: jobs) { index in
        let window = windows[index]
        return try EncodedChunk(encoding: window.raw, tensor.type)
      }
      for (window, encoded) in zip(windows, encoded) {
        sha.update(window)
        var offset = written
        for size in encoded.frameSizes {
          frames.append(
            SeekTable.Frame(
              offset: offset, storedBytes: size, decodedBytes: geometry.elements(inChunk: chunk)))
          offset += size
        }
        try write(encoded.bytes)
        chunk += 1
        progress(window.count)
      }
    }
    try write(SeekTable.tail(for: frames, sectionOffset: cursor))
    cursor += written
    return (sha.finalize(), xxh.finalize())
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
