import TestSupport
import Testing
import Zstandard

@testable import HymbaFormat

@Suite("Chunk encoder")
struct ChunkEncoderTests {
  /// Bytes whose upper bits hardly differ, as trained weights have them: BF16 numbers of small exponents.
  private static func weights(_ count: Int) -> [UInt8] {
    let noise = Random.bytes(count * 2)
    return (0..<count).flatMap { index in
      let exponent = 118 + noise[2 * index].trailingZeroBitCount
      return [noise[2 * index + 1] & 0x7F | UInt8(exponent & 1) << 7, UInt8(exponent >> 1) | noise[2 * index] & 0x80]
    }
  }

  private static func decoded(_ chunk: EncodedChunk, _ type: ElementType, _ count: Int) throws -> [UInt8] {
    try [UInt8](count: count) {
      try ChunkDecoder(comparesChecksums: true).decode(chunk.bytes.raw, sizes: chunk.frameSizes, type, into: &$0)
    }
  }

  @Test("what any level encodes decodes to the same bytes", arguments: CompressionLevel.allCases, ElementType.known)
  func roundTrip(_ level: CompressionLevel, _ type: ElementType) throws {
    let encoder = ChunkEncoder(level)
    for count in [70_001, 1, 3000] {
      let elements = Random.bytes(count * type.byteSize, seed: UInt64(count)).map { $0 & 0x8F }
      let chunk = try encoder.encode(elements.raw, type)
      #expect(chunk.frameSizes.count == type.byteSize && chunk.frameSizes.reduce(0, +) == chunk.bytes.count)
      #expect(try Self.decoded(chunk, type, elements.count) == elements)
    }
  }

  @Test("equal chunks give equal bytes, whatever was encoded before", arguments: CompressionLevel.allCases)
  func determinism(_ level: CompressionLevel) throws {
    let elements = Self.weights(50_000)
    let alone = try ChunkEncoder(level).encode(elements.raw, .bfloat16)
    let used = ChunkEncoder(level)
    for type in ElementType.known { _ = try used.encode(Random.bytes(80_000).raw, type) }
    #expect(try used.encode(elements.raw, .bfloat16).bytes == alone.bytes)
  }

  @Test("fast compresses the exponents as well as default and leaves planes of many values as they are")
  func fast() throws {
    var bits = Self.weights(200_000)
    // The smaller one of two random bytes has all values, and takes less than 8 bits: the fraction with the sign below it.
    for (index, (one, other)) in zip(Random.bytes(200_000, seed: 5), Random.bytes(200_000, seed: 6)).enumerated() {
      let byte = min(one, other)
      bits[2 * index] = bits[2 * index] & 0x80 | byte >> 1
      bits[2 * index + 1] = bits[2 * index + 1] & 0x7F | byte << 7
    }
    let fast = try ChunkEncoder(.fast).encode(bits.raw, .bfloat16)
    let normal = try ChunkEncoder(.default).encode(bits.raw, .bfloat16)
    #expect(fast.frameSizes[0] == normal.frameSizes[0] && fast.frameSizes[0] < 100_000)
    #expect(fast.frameSizes[1] >= 200_000 && normal.frameSizes[1] < 198_000)
  }

  @Test("no plane is larger at max than at default, and what repeats far apart is smaller")
  func max() throws {
    let repeated = Random.bytes(8000).map { $0 & 0x3F }
    for elements in [Self.weights(100_000), [UInt8](count: 200_000, repeating: repeated)] {
      let normal = try ChunkEncoder(.default).encode(elements.raw, .bfloat16).frameSizes
      let most = try ChunkEncoder(.max).encode(elements.raw, .bfloat16).frameSizes
      #expect(zip(most, normal).allSatisfy(<=))
    }
    let elements = [UInt8](count: 200_000, repeating: repeated)
    #expect(
      try ChunkEncoder(.max).encode(elements.raw, .bfloat16).bytes.count
        < ChunkEncoder(.default).encode(elements.raw, .bfloat16).bytes.count / 4)
  }

  @Test(
    "F32 that was BF16 takes no more than 1 % above the bytes of the BF16",
    arguments: [CompressionLevel.default, .fast])
  func widened(_ level: CompressionLevel) throws {
    let narrow = Self.weights(300_000)
    var wide: [UInt8] = []
    for index in stride(from: 0, to: narrow.count, by: 2) { wide += [0, 0, narrow[index], narrow[index + 1]] }
    let encoder = ChunkEncoder(level)
    let (narrowBytes, wideBytes) = (
      try encoder.encode(narrow.raw, .bfloat16).bytes.count, try encoder.encode(wide.raw, .float32).bytes.count
    )
    #expect(Double(wideBytes) < 1.01 * Double(narrowBytes))
  }

  @Test(
    "F32 that was F16 takes fewer than 16 bits for each element at every level",
    arguments: CompressionLevel.allCases)
  func widenedHalves(_ level: CompressionLevel) throws {
    // The lowest 13 of the 23 bits of the fraction are 0. What remains are 16 bits with an exponent of little entropy.
    let weights = Self.weights(100_000)
    let noise = Random.bytes(100_000, seed: 3)
    var wide: [UInt8] = []
    for index in 0..<100_000 { wide += [0, noise[index] & 0xE0, weights[2 * index], weights[2 * index + 1]] }
    let chunk = try ChunkEncoder(level).encode(wide.raw, .float32)
    // The exponents take about 2 bits; of the rest 7 + 3 bits of fraction and the sign remain.
    #expect(chunk.bytes.count < 100_000 * 2)
    #expect(try Self.decoded(chunk, .float32, wide.count) == wide)
  }

  @Test(
    "integers with bytes of zeros take hardly more than the others at every level",
    arguments: CompressionLevel.allCases)
  func widenedIntegers(_ level: CompressionLevel) throws {
    let noise = Random.bytes(200_000, seed: 4)
    var wide: [UInt8] = []
    for index in stride(from: 0, to: noise.count, by: 2) { wide += [noise[index], noise[index + 1], 0, 0, 0, 0, 0, 0] }
    #expect(try ChunkEncoder(level).encode(wide.raw, .int64).bytes.count < 201_000)
  }

  @Test("a frame with a wrong checksum is refused where checksums are compared, and nowhere else")
  func checksum() throws {
    let elements = Self.weights(5000)
    let chunk = try ChunkEncoder(.default).encode(elements.raw, .bfloat16)
    var bytes = chunk.bytes
    bytes[bytes.count - 1] ^= 1
    func decode(comparing: Bool) throws -> [UInt8] {
      try [UInt8](count: elements.count) {
        try ChunkDecoder(comparesChecksums: comparing).decode(bytes.raw, sizes: chunk.frameSizes, .bfloat16, into: &$0)
      }
    }
    #expect(message { _ = try decode(comparing: true) } == "Restored data doesn't match checksum")
    #expect(try decode(comparing: false) == elements)
  }

  @Test("a frame of another size than its plane is refused without checksums too")
  func otherSize() throws {
    let chunk = try ChunkEncoder(.default).encode(Self.weights(5000).raw, .bfloat16)
    func decode(_ count: Int) throws {
      _ = try [UInt8](count: count) {
        try ChunkDecoder(comparesChecksums: false).decode(
          chunk.bytes.raw, sizes: chunk.frameSizes, .bfloat16, into: &$0)
      }
    }
    #expect(message { try decode(10_002) } == "a frame holds 5000 bytes instead of 5001")
    #expect(message { try decode(9998) } == "Destination buffer is too small")
  }

  @Test(
    "a container of any level has the same bytes with any number of jobs, and the tensors of the source",
    arguments: CompressionLevel.allCases)
  func jobs(_ level: CompressionLevel) throws {
    let folder = try TemporaryFolder()
    let entries: [MemorySource.Entry] = [
      .init("a", .bfloat16, [1500, 1000], Self.weights(1_500_000)), .init("b", .bfloat16, [3000], Self.weights(3000)),
      .init("c", .int32, [3000], Random.bytes(12_000).map { $0 & 3 }),
    ]
    var files: [[UInt8]] = []
    for jobs in [1, 2, 5] {
      let path = folder.file("\(jobs).hymba")
      try ContainerWriter(compression: .zstd, level: level, jobs: jobs, replace: false, creator: "a test").write(
        MemorySource(entries), .verbatim(), to: path)
      files.append(try folder.read("\(jobs).hymba"))
      #expect(try ContainerSource(path).findDamage(jobs: jobs) == [])
    }
    #expect(files[0] == files[1] && files[0] == files[2])
  }
}
