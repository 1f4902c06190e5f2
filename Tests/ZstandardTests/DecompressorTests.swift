import Testing
import Zstandard

@Suite("Decompressor")
struct DecompressorTests {
  /// Written by hand after RFC 8878: one raw block.
  static let abc: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63]
  /// One block of a repeated byte.
  static let zzzzz: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x2B, 0, 0, 0x7A]
  /// A skippable frame of two bytes.
  static let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 0, 0]

  @Test("frames written by hand after RFC 8878 decode")
  func handWritten() throws {
    #expect(try Self.abc.decompressed(3) == Array("abc".utf8))
    #expect(try Self.zzzzz.decompressed(5) == Array("zzzzz".utf8))
  }

  struct Refused: CustomTestStringConvertible {
    var testDescription: String
    var frame: [UInt8]
    var count: Int
    var message: String
  }

  @Test(
    "what is not exactly one frame of the expected size is refused",
    arguments: [
      Refused(
        testDescription: "nothing", frame: [], count: 3, message: "Src size is incorrect"),
      Refused(
        testDescription: "no frame", frame: Array("not a frame".utf8), count: 3,
        message: "Unknown frame descriptor"),
      Refused(
        testDescription: "a frame cut short", frame: Array(abc.dropLast()), count: 3,
        message: "Src size is incorrect"),
      Refused(
        testDescription: "a byte behind the frame", frame: abc + [0], count: 3,
        message: "not exactly one Zstandard frame"),
      Refused(
        testDescription: "two frames", frame: abc + zzzzz, count: 8,
        message: "not exactly one Zstandard frame"),
      Refused(
        testDescription: "a skippable frame in front", frame: skippable + abc, count: 3,
        message: "not exactly one Zstandard frame"),
      Refused(
        testDescription: "a skippable frame alone", frame: skippable, count: 0,
        message: "not exactly one Zstandard frame"),
      Refused(
        testDescription: "more content than expected", frame: abc, count: 2,
        message: "Destination buffer is too small"),
      Refused(
        testDescription: "less content than expected", frame: abc, count: 4,
        message: "a frame holds 3 bytes instead of 4"),
    ])
  func refused(_ refused: Refused) {
    #expect(refused.frame.problem(refused.count) == refused.message)
  }

  @Test("a frame of a version before 1.0 is refused, whether or not the library knows it")
  func legacy() {
    // Version 0.7: an empty frame, its end mark directly after the header.
    let frame: [UInt8] = [0x27, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0xC0, 0x00, 0x00]
    let problem = frame.problem(0)
    #expect(problem == "not exactly one Zstandard frame" || problem == "Unknown frame descriptor")
  }

  @Test("a wrong checksum is found")
  func checksum() throws {
    var frame = try randomBytes(1000, seed: 1).compressed(.level(1))
    frame[frame.count - 1] ^= 1
    #expect(frame.problem(1000) == "Restored data doesn't match checksum")
  }

  @Test(
    "no single flipped bit of a frame ever gives other bytes", arguments: CompressorTests.efforts)
  func flippedBits(_ effort: Compressor.Effort) throws {
    let content = randomBytes(600, seed: 2).map { $0 & 7 }
    let frame = try content.compressed(effort)
    for bit in 0..<frame.count * 8 {
      var damaged = frame
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if let decoded = try? damaged.decompressed(content.count) { #expect(decoded == content) }
    }
  }

  @Test("a frame cut anywhere is an error", arguments: CompressorTests.efforts)
  func truncated(_ effort: Compressor.Effort) throws {
    let frame = try randomBytes(600, seed: 3).map { $0 & 7 }.compressed(effort)
    for length in 0..<frame.count { #expect(Array(frame[..<length]).problem(600) != nil) }
  }

  @Test("a context goes on after a frame that it refused")
  func afterAnError() throws {
    var decompressor = try Decompressor()
    var content = [UInt8](repeating: 0, count: 3)
    var span = content.mutableSpan
    var bytes = unsafe span.mutableBytes
    #expect(throws: ZstandardError.notOneFrame) {
      try decompressor.decompress((Self.abc + [0]).memory, into: &bytes)
    }
    try decompressor.decompress(Self.abc.memory, into: &bytes)
    #expect(content == Array("abc".utf8))
  }
}
