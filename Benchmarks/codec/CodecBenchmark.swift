import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal

@main
struct CodecBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codec-benchmark",
    abstract: "Time the encoding and decoding of a checkpoint's tensors in memory, by one thread and by all.",
    discussion: """
      Prints lines of a name, a number and a unit, for each element type and level: the median rates of several runs \
      in GB/s of logical bytes, the saving, and how much faster all threads are than one. Rates of the digests follow.
      """)

  @Argument(help: "A safetensors file or a container of trained weights.")
  var file: String

  @Option(help: "The threads beside one; the number of cores by default.")
  var jobs = Parallel.cores

  @Option(help: "How often each thing is measured.")
  var runs = 7

  @Option(parsing: .upToNextOption, help: "The levels that are measured; all by default.", transform: Self.level)
  var levels = CompressionLevel.allCases

  /// Bytes of a type beyond which no tensor is taken, so that all of it is in memory twice.
  private static let mostBytes = 1 << 30

  func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("jobs is \(jobs); expected a number from 1 to 1024.")
    }
    guard (1...1000).contains(runs) else {
      throw ValidationError("runs is \(runs); expected a number from 1 to 1000.")
    }
  }

  private static func level(_ text: String) throws -> CompressionLevel {
    guard let level = CompressionLevel(rawValue: text) else {
      throw ValidationError("“\(text.printable)” is no level: \(CompressionLevel.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return level
  }

  func run() throws { try ToolRun.perform(measure) }

  private func measure() throws {
    try naming(file) {
      let source = try SourceOpener.open(file)
      for type in ElementType.allCases where !type.isOpaque {
        let chunks = try Self.chunks(of: type, in: source)
        guard !chunks.isEmpty else { continue }
        for level in levels { try measure(chunks, type, level) }
        try measureDigests(chunks, type)
      }
    }
  }

  /// The tensors of a type, cut into chunks as the writer cuts them.
  private static func chunks(of type: ElementType, in source: any CheckpointSource) throws -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var total = 0
    for tensor in source.tensors where tensor.type == type && tensor.byteCount >= 1024 {
      total += tensor.byteCount
      guard total <= mostBytes else { break }
      let chunkBytes = type.byteSize << 20
      for start in stride(from: 0, to: tensor.byteCount, by: chunkBytes) {
        let count = min(chunkBytes, tensor.byteCount - start)
        chunks.append(try [UInt8](count: count) { try source.read(tensor, from: start, into: &$0) })
      }
    }
    return chunks
  }

  private func measure(_ chunks: [[UInt8]], _ type: ElementType, _ level: CompressionLevel) throws {
    let name = "\(type.rawValue).\(level.rawValue)"
    let bytes = chunks.reduce(0) { $0 + $1.count }
    let encoder = ChunkEncoder(level)
    let encoded = try chunks.map { try encoder.encode($0.raw, type) }
    let stored = encoded.reduce(0) { $0 + $1.bytes.count }
    show("\(name).saving", 100 * (1 - Double(stored) / Double(bytes)), "%")
    try measureScaling("\(name).encode", bytes) { jobs in
      _ = try Parallel.map(count: chunks.count, jobs: jobs) { index in
        let chunk = chunks[index]
        return try encoder.encode(chunk.raw, type).bytes.count
      }
    }
    for comparesChecksums in [false, true] {
      let decoder = ChunkDecoder(comparesChecksums: comparesChecksums)
      try measureScaling("\(name).decode\(comparesChecksums ? "-checked" : "")", bytes) { jobs in
        let wrong = try Parallel.map(count: chunks.count, jobs: jobs) { index in
          let chunk = encoded[index]
          let frames = chunk.bytes
          let decoded = try [UInt8](count: chunks[index].count) {
            try decoder.decode(frames.raw, sizes: chunk.frameSizes, type, into: &$0)
          }
          return decoded.count != chunks[index].count || decoded.last != chunks[index].last
        }
        guard !wrong.contains(true) else { throw WrongResult() }
      }
    }
  }

  private func measureDigests(_ chunks: [[UInt8]], _ type: ElementType) throws {
    let bytes = chunks.reduce(0) { $0 + $1.count }
    try measureScaling("\(type.rawValue).sha256", bytes) { jobs in
      _ = Parallel.map(count: chunks.count, jobs: jobs) { index in
        var hasher = SHA256Hasher()
        let chunk = chunks[index]
        hasher.update(chunk.raw)
        return hasher.finalize()
      }
    }
    try measureScaling("\(type.rawValue).xxh3", bytes) { jobs in
      _ = Parallel.map(count: chunks.count, jobs: jobs) { index in
        let chunk = chunks[index]
        return XXH3Digest.word(of: chunk.raw)
      }
    }
  }

  /// Shows the rates of one thread and of all, and how much faster all are.
  private func measureScaling(_ name: String, _ bytes: Int, _ body: (_ jobs: Int) throws -> Void) throws {
    let one = try seconds { try body(1) }
    show("\(name).1", Double(bytes) / one / 1e9, "GB/s")
    guard jobs > 1 else { return }
    let all = try seconds { try body(jobs) }
    show("\(name).\(jobs)", Double(bytes) / all / 1e9, "GB/s")
    show("\(name).scaling", one / all, "times")
  }

  /// The median time of several runs.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let times = try (0..<runs).map { _ in try ContinuousClock().measure(body) / .seconds(1) }.sorted()
    return times[runs / 2]
  }

  private func show(_ name: String, _ value: Double, _ unit: String) {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let digits = "\(hundredths.magnitude % 100)"
    Terminal.show("\(name) \(sign)\(hundredths.magnitude / 100).\(digits.count < 2 ? "0" : "")\(digits) \(unit)")
  }
}

/// A chunk that did not come back.
private struct WrongResult: Error, CustomStringConvertible {
  let description = "a decoded chunk is not the one that was encoded"
}
