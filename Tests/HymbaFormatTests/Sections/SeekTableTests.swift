import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Seek table")
struct SeekTableTests {
  static let frames: [SeekTable.Frame] = [
    .init(offset: 0, storedBytes: 10, decodedBytes: 300),
    .init(offset: 10, storedBytes: 5, decodedBytes: 258),
  ]

  @Test("the end of a section is, byte for byte, that of the Zstandard Seekable Format")
  func bytes() {
    // 15 bytes of frames at offset 24 of the buffer; 8 + P for the padding, 8 + 3 * 8 + 9 for the table:
    // 24 + 15 + 8 + 41 = 88, so 40 bytes of padding end it at 128.
    let tail: [UInt8] =
      [0x50, 0x2A, 0x4D, 0x18, 40, 0, 0, 0] + [UInt8](repeating: 0, count: 40)
      + [0x5E, 0x2A, 0x4D, 0x18, 33, 0, 0, 0]
      + [10, 0, 0, 0, 0x2C, 0x01, 0, 0]
      + [5, 0, 0, 0, 0x02, 0x01, 0, 0]
      + [48, 0, 0, 0, 0, 0, 0, 0]
      + [3, 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F]
    #expect(SeekTable.tail(for: Self.frames, sectionOffset: 24) == tail)
  }

  @Test(
    "it ends at a multiple of 64 of the buffer, wherever the section begins", arguments: 0..<130)
  func alignment(_ offset: Int) {
    let tail = SeekTable.tail(for: Self.frames, sectionOffset: offset)
    #expect((offset + 15 + tail.count) % 64 == 0)
    #expect(tail.count < 8 + 41 + 64, "never more padding than needed")
  }

  @Test("without padding its frame stays, with nothing in it")
  func noPadding() {
    let tail = SeekTable.tail(for: Self.frames, sectionOffset: nil)
    #expect(tail.prefix(8) == [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0] && tail.count == 8 + 41)
  }

  /// A file with `front` bytes before a section, whose table `change` may damage.
  private func open(
    front: Int = 3, frames: [SeekTable.Frame] = SeekTableTests.frames, decoded: [Int] = [300, 258],
    _ change: (inout [UInt8]) -> Void = { _ in }
  ) throws -> [SeekTable.Frame] {
    let folder = try TemporaryFolder()
    let end = frames.last.map { $0.offset + $0.storedBytes } ?? 0
    var section = Random.bytes(end) + SeekTable.tail(for: frames, sectionOffset: front)
    change(&section)
    let path = try folder.write(Random.bytes(front) + section + [1, 2, 3], to: "x")
    let table = try SeekTable(
      of: "t", in: InputFile(path), range: front..<front + section.count, decodedSizes: decoded)
    return (0..<table.frameCount).map(table.frame)
  }

  @Test("a table is read back")
  func roundTrip() throws {
    #expect(try open() == Self.frames)
    #expect(try open(frames: [Self.frames[0]], decoded: [300]) == [Self.frames[0]])
  }

  struct Damage: CustomTestStringConvertible {
    var testDescription: String
    /// From the end of the section.
    var position: Int
    var value: UInt8
    var text: String
  }

  @Test(
    "damage of any field is found",
    arguments: [
      Damage(
        testDescription: "magic number of the frame", position: 41, value: 0x5D,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "size of the frame", position: 37, value: 34,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "high byte of the size", position: 34, value: 1,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "stored bytes", position: 33, value: 9,
        text: "its frames do not fill its section"),
      Damage(
        testDescription: "stored bytes beyond what Zstandard makes", position: 30, value: 1,
        text: "frame 0 takes 16777226 bytes to hold 300"),
      Damage(
        testDescription: "decoded bytes", position: 29, value: 0x2D,
        text: "frame 0 decodes to 301 bytes instead of 300"),
      Damage(
        testDescription: "decoded bytes of the second frame", position: 18, value: 0x80,
        text: "frame 1 decodes to 2147483906 bytes instead of 258"),
      Damage(
        testDescription: "stored bytes of the padding", position: 17, value: 47,
        text: "its frames do not fill its section"),
      Damage(
        testDescription: "high byte of the padding", position: 14, value: 0x80,
        text: "its frames do not fill its section"),
      Damage(
        testDescription: "decoded bytes of the padding", position: 13, value: 1,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "high byte of them", position: 10, value: 0x80,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "number of frames", position: 9, value: 2,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "high byte of the number", position: 6, value: 1,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "descriptor: checksums", position: 5, value: 0x80,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "last magic number", position: 1, value: 0x8E,
        text: "its seek table is not valid"),
      Damage(
        testDescription: "first byte of it", position: 4, value: 0xB0,
        text: "its seek table is not valid"),
    ])
  func damage(_ damage: Damage) {
    #expect(
      message { _ = try open { $0[$0.count - damage.position] = damage.value } }
        == "the tensor “t” is damaged: \(damage.text)")
  }

  @Test("a table of other frames than expected is refused")
  func otherFrames() {
    #expect(
      message { _ = try open(decoded: [300]) }
        == "the tensor “t” is damaged: its seek table is not valid")
    #expect(
      message { _ = try open(decoded: [258, 300]) }
        == "the tensor “t” is damaged: frame 0 decodes to 300 bytes instead of 258")
  }

  @Test("a section shorter than its table is refused")
  func tooShort() {
    #expect(
      message { _ = try open { $0 = Array($0.suffix(40)) } }
        == "the tensor “t” is damaged: its section of 40 bytes is too short for a seek table of 41")
    #expect(
      message { _ = try open { $0 = Array($0.suffix(41)) } }
        == "the tensor “t” is damaged: its frames do not fill its section")
    #expect(
      message { _ = try open { $0 = [] } }
        == "the tensor “t” is damaged: its section of 0 bytes is too short for a seek table of 41")
  }
}
