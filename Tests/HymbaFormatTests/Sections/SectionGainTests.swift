import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Tensors that gain nothing")
struct SectionGainTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// BF16 numbers whose exponents have few values.
  private static func weights(_ count: Int) -> [UInt8] {
    let noise = Random.bytes(count * 2, seed: 7)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: noise.count, by: 2) { bytes += [noise[index], 0x3E | noise[index + 1] & 0x81] }
    return bytes
  }

  private func write(
    _ entries: [MemorySource.Entry], _ level: CompressionLevel = .default, jobs: Int = 2, to name: String = "c"
  ) throws -> ContainerSource {
    try ContainerWriter(compression: .zstd, level: level, jobs: jobs, replace: true, creator: "a test").write(
      MemorySource(entries), .verbatim(), to: folder.file(name))
    return try ContainerSource(folder.file(name))
  }

  private static let mixed: [MemorySource.Entry] = [
    .init("weights", .bfloat16, [300, 400], weights(120_000)),
    .init("codes", .int8, [200_000], Random.bytes(200_000, seed: 1)),
    .init("packed", .uint8, [70, 1000], Random.bytes(70_000, seed: 2)),
    .init("dense", .float8E4M3, [5000], Random.bytes(5000, seed: 3)),
    .init("noise", .float32, [700, 300], Random.bytes(840_000, seed: 4)),
    .init("counts", .int64, [3000], [UInt8](count: 24_000, repeating: [7, 0, 0, 0, 0, 0, 0, 0])),
  ]

  @Test(
    "noise, codes and packed weights are raw and lie before the sections by their element size",
    arguments: CompressionLevel.allCases)
  func raw(_ level: CompressionLevel) throws {
    let source = try write(Self.mixed, level)
    #expect(
      source.manifest.tensors.map { "\($0.entry) \($0.encoding.rawValue)" } == [
        "noise raw", "codes raw", "dense raw", "packed raw", "counts@zstd zstd", "weights@zstd zstd",
      ])
    #expect(source.manifest.formatVersion == "1.0")
    #expect(try source.findDamage(jobs: 2) == [])
    // Any reader of safetensors gives them by their names.
    let plain = try SafetensorsSource(folder.file("c"))
    for entry in Self.mixed[1...4] {
      let tensor = try #require(plain.tensors[entry.name])
      #expect(tensor.type == entry.type)
      #expect(try plain.bytes(of: tensor) == entry.bytes)
    }
  }

  @Test("the file has the same bytes with any number of jobs")
  func jobs() throws {
    for jobs in [1, 2, 5] { _ = try write(Self.mixed, jobs: jobs, to: "\(jobs)") }
    #expect(try folder.read("1") == folder.read("2"))
    #expect(try folder.read("1") == folder.read("5"))
  }

  @Test("a section must save 2 % of the bytes", arguments: [(1, StoredTensor.Encoding.raw), (4, .zstd)])
  func threshold(_ percent: Int, _ encoding: StoredTensor.Encoding) throws {
    // Noise whose first bytes of each thousand are zeros.
    var bytes = Random.bytes(60_000)
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      for offset in 0..<10 * percent { bytes[start + offset] = 0 }
    }
    #expect(try write([.init("t", .uint8, [60_000], bytes)]).manifest.tensors.map(\.encoding) == [encoding])
  }

  @Test("a part of a large tensor that is unlike the rest is seen", arguments: [0, 4, 7])
  func pieces(_ eighth: Int) throws {
    var bytes = Random.bytes(400_000)
    let part = eighth * 50_000..<(eighth + 1) * 50_000
    bytes.replaceSubrange(part, with: repeatElement(0, count: part.count))
    let tensor = try write([.init("t", .uint8, [400_000], bytes)]).manifest.tensors[0]
    #expect(tensor.encoding == .zstd)
  }

  @Test("a small tensor is raw where the end of a section takes what its frames save")
  func small() throws {
    // Of 1100 bytes, 64 are zeros. A seek table of two frames takes 33 bytes, and a frame some 13.
    var bytes = Random.bytes(1100)
    for index in 0..<64 { bytes[index] = 0 }
    #expect(try write([.init("t", .uint8, [1100], bytes)]).manifest.tensors.map(\.encoding) == [.raw])
  }

  @Test("of a base, noise is still stored as its difference where that is smaller")
  func base() throws {
    let noise = Random.bytes(100_000, seed: 8)
    _ = try write([.init("near", .uint8, [100_000], noise), .init("far", .uint8, [100_000], noise)], to: "base")
    var near = noise
    near[70_000] ^= 1
    let entries: [MemorySource.Entry] = [
      .init("near", .uint8, [100_000], near), .init("far", .uint8, [100_000], Random.bytes(100_000, seed: 9)),
    ]
    var writer = ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "a test")
    writer.base = try ContainerSource(folder.file("base"))
    try writer.write(MemorySource(entries), .verbatim(), to: folder.file("c"))
    let source = try ContainerSource(folder.file("c"))
    #expect(source.manifest.tensors.map { "\($0.entry) \($0.encoding.rawValue)" } == ["far raw", "near@delta delta"])
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("an attachment that gains nothing is raw, too")
  func attachments() throws {
    var attachments = Attachments()
    try attachments.add(.file("tokenizer.json"), bytes: [UInt8](repeating: 32, count: 3000))
    try attachments.add(.file("vocab.json"), bytes: Random.bytes(3000))
    try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "a test").write(
      MemorySource(Self.mixed), .verbatim(), with: attachments, to: folder.file("c"))
    let source = try ContainerSource(folder.file("c"))
    #expect(source.manifest.attachments.map(\.encoding) == [.raw, .zstd])
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a tensor that cannot be read is named by the error of reading it, and no file is left")
  func unreadable() throws {
    let source = FailingSource(base: try MemorySource(Self.mixed), failing: "packed")
    #expect(throws: FailingSource.Failure.self) {
      try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "a test").write(
        source, .verbatim(), to: folder.file("c"))
    }
    #expect(try folder.entries == [])
  }
}
