import Testing
import Zstandard

@Suite("Compressor")
struct CompressorTests {
  static let efforts: [Compressor.Effort] = [.level(1), .level(3), .level(19), .entropyOnly, .stored]

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

  @Test("a frame that has too little room is an error, and the context goes on")
  func room() throws {
    var compressor = try Compressor()
    try compressor.set(.entropyOnly)
    let content = randomBytes(5000, seed: 1)
    var output = [UInt8](repeating: 0, count: 5000)
    var span = output.mutableSpan
    var bytes = unsafe span.mutableBytes
    #expect(throws: ZstandardError.library("Destination buffer is too small")) {
      _ = try compressor.compress(content.memory, into: &bytes)
    }
    #expect(try compressor.frame(content).decompressed(5000) == content)
  }

  @Test("a stored frame has no less than its content where nothing in it repeats")
  func stored() throws {
    let content = randomBytes(300_000, seed: 7).map { $0 & 15 }
    #expect(try content.compressed(.stored).count >= content.count)
  }

  @Test(
    "equal bytes give equal frames, also from a context that was used before", arguments: efforts)
  func determinism(_ effort: Compressor.Effort) throws {
    let content = randomBytes(4000, seed: 3).map { $0 & 15 }
    var compressor = try Compressor()
    try compressor.set(.level(19))
    _ = try compressor.frame(randomBytes(9000, seed: 4))
    try compressor.set(effort)
    _ = try compressor.frame(randomBytes(9000, seed: 5))
    let used = try compressor.frame(content)
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
