import Testing
import Zstandard

@Suite("Compressor")
struct CompressorTests {
  static let efforts: [Compressor.Effort] = [.level(1), .level(3), .level(19), .entropyOnly]

  @Test(
    "what it compresses decodes to the same bytes", arguments: efforts,
    [1, 2, 127, 1025, 131_073, 300_000])
  func roundTrip(_ effort: Compressor.Effort, _ count: Int) throws {
    for content in [randomBytes(count, seed: 1), [UInt8](repeating: 7, count: count)] {
      #expect(try content.compressed(effort).decompressed(count) == content)
    }
  }

  @Test(
    "a frame has the magic number, its content size, a checksum and no dictionary",
    arguments: efforts)
  func header(_ effort: Compressor.Effort) throws {
    // RFC 8878, 3.1.1.1: with these sizes the frame is a single segment with a content size of two bytes,
    // from which 256 was taken.
    let frame = try [UInt8](repeating: 1, count: 1024).compressed(effort)
    #expect(Array(frame[..<4]) == [0x28, 0xB5, 0x2F, 0xFD])
    #expect(frame[4] & 0b11 == 0, "no dictionary id")
    #expect(frame[4] & 0b100 != 0, "a content checksum")
    #expect(frame[4] >> 5 == 0b011, "a content size of two bytes in a single segment")
    #expect(Array(frame[5..<7]) == [0x00, 0x03])
  }

  @Test("frames follow each other in the output, each with its size returned")
  func severalFrames() throws {
    var compressor = try Compressor(.entropyOnly)
    var output: [UInt8] = [9, 9]
    let contents = [
      randomBytes(5000, seed: 1), [UInt8](repeating: 0, count: 70_000), randomBytes(1, seed: 2),
    ]
    var sizes: [Int] = []
    for content in contents {
      sizes.append(try compressor.compress(content.memory, appendingTo: &output))
    }
    #expect(output.count == 2 + sizes.reduce(0, +) && Array(output[..<2]) == [9, 9])
    var start = 2
    for (content, size) in zip(contents, sizes) {
      #expect(try Array(output[start..<start + size]).decompressed(content.count) == content)
      start += size
    }
  }

  @Test(
    "equal bytes give equal frames, also from a context that was used before", arguments: efforts)
  func determinism(_ effort: Compressor.Effort) throws {
    let content = randomBytes(4000, seed: 3).map { $0 & 15 }
    var compressor = try Compressor(effort)
    var used: [UInt8] = []
    _ = try compressor.compress(randomBytes(9000, seed: 4).memory, appendingTo: &used)
    used = []
    _ = try compressor.compress(content.memory, appendingTo: &used)
    #expect(used == (try content.compressed(effort)))
  }

  @Test("entropy coding alone takes about the entropy: four random bits of eight, half the size")
  func entropy() throws {
    let content = randomBytes(1 << 18, seed: 5).map { $0 & 15 }
    let size = try content.compressed(.entropyOnly).count
    #expect(size > content.count / 2 && size < content.count / 2 + content.count / 100)
  }

  @Test("no frame is larger than the bound", arguments: efforts, [0, 1, 1000, 131_072, 200_001])
  func bound(_ effort: Compressor.Effort, _ count: Int) throws {
    #expect(
      try randomBytes(count, seed: 6).compressed(effort).count <= Compressor.largestFrame(of: count)
    )
    #expect(Compressor.largestFrame(of: count) <= count + count / 256 + 64)
  }
}
