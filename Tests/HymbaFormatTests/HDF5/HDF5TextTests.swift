import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Texts of varying length in HDF5 files")
struct HDF5TextTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A heap at byte 16 with two objects, `hello` as number 1 and `ab` as number 7.
  private func heap(
    size: UInt8 = 80, number: UInt8 = 7, length: UInt8 = 2, signature: String = "GCOL"
  ) throws -> HDF5GlobalHeap {
    func field(_ value: UInt8, _ count: Int) -> [UInt8] {
      [value] + [UInt8](repeating: 0, count: count - 1)
    }
    var bytes = [UInt8](repeating: 0xEE, count: 16)
    bytes += Array(signature.utf8) + [1, 0, 0, 0] + field(size, 8)
    bytes += field(1, 2) + field(1, 6) + field(5, 8) + Array("hello".utf8) + [0, 0, 0]
    bytes += field(number, 2) + field(1, 6) + field(length, 8) + Array("ab".utf8)
    bytes += [UInt8](repeating: 0, count: 6) + field(0, 16)
    let file = try InputFile(folder.write(bytes, to: "heap"))
    return HDF5GlobalHeap(HDF5Fields(file: file, base: 4, addressBytes: 8, lengthBytes: 8))
  }

  private func reference(_ length: UInt8, _ address: UInt8, _ number: UInt8) -> [UInt8] {
    [length, 0, 0, 0, address, 0, 0, 0, 0, 0, 0, 0, number, 0, 0, 0]
  }

  @Test("each is found by its collection and number; a length of zero is an empty text")
  func found() throws {
    var heap = try heap()
    let references =
      reference(2, 12, 7) + reference(5, 12, 1) + reference(0, 0, 0) + reference(3, 12, 1)
    #expect(
      try heap.texts(references, count: 4).map { String(decoding: $0, as: UTF8.self) }
        == ["ab", "hello", "", "hel"])
  }

  @Test("numbers that lead outside are refused")
  func refused() throws {
    let text = "not a readable HDF5 file: a text of varying length in it is damaged"
    let block = "not a readable HDF5 file: a block in it ends early"
    func refusal(_ references: [UInt8], count: Int = 1, _ heap: HDF5GlobalHeap) -> String? {
      var heap = heap
      return message { _ = try heap.texts(references, count: count) }
    }
    #expect(try refusal(reference(2, 12, 3), heap()) == text)
    #expect(try refusal(reference(3, 12, 7), heap()) == text)
    #expect(try refusal(reference(2, 12, 7), count: 2, heap()) == block)
    #expect(try refusal(reference(2, 12, 7), heap(length: 200)) == block)
    // The collection ends before its second object.
    #expect(try refusal(reference(2, 12, 7), heap(size: 40)) == text)
    #expect(
      try refusal(reference(2, 12, 7), heap(signature: "GCOM"))
        == "not a readable HDF5 file: a collection of texts in it is damaged")
    #expect(try refusal(reference(2, 200, 7), heap()) == block)
    #expect(
      try refusal([2, 0, 0, 0] + [UInt8](repeating: 255, count: 8) + [7, 0, 0, 0], heap()) == block)
  }

  @Test("texts that make two large collections be read in turn are refused")
  func alternating() throws {
    func field(_ value: Int) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let size = 16 << 20
    let one: [UInt8] =
      Array("GCOL".utf8) + [1, 0, 0, 0] + field(size) + [1, 0, 1, 0, 0, 0, 0, 0] + field(size - 32)
    let path = try folder.write(one, to: "heap")
    try cutFile(path, to: 2 * size)
    try overwrite(path, at: size, with: one)
    let file = try InputFile(path)
    var heap = HDF5GlobalHeap(HDF5Fields(file: file, base: 0, addressBytes: 8, lengthBytes: 8))
    let pair: [UInt8] =
      [1, 0, 0, 0] + field(0) + [1, 0, 0, 0, 1, 0, 0, 0] + field(size) + [1, 0, 0, 0]
    let pairs = [[UInt8]](repeating: pair, count: 32).flatMap { $0 }
    #expect(try heap.texts(pairs, count: 64).count == 64)
    #expect(
      message { _ = try heap.texts(pairs, count: 1) }
        == "not a readable HDF5 file: its texts of varying length lie too far apart to be read; write them with a fixed length"
    )
  }

  @Test("a heap object that repeats a large text adds up to a limit")
  func bounded() throws {
    var bytes = Array("GCOL".utf8) + [1, 0, 0, 0]
    let length = 1 << 20
    func field(_ value: Int) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    bytes += field(length + 32) + [1, 0, 1, 0, 0, 0, 0, 0] + field(length)
    bytes += [UInt8](repeating: UInt8(ascii: "a"), count: length)
    let file = try InputFile(folder.write(bytes, to: "heap"))
    var heap = HDF5GlobalHeap(HDF5Fields(file: file, base: 0, addressBytes: 8, lengthBytes: 8))
    let reference: [UInt8] = [0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    let many = [[UInt8]](repeating: reference, count: 17).flatMap { $0 }
    #expect(try heap.texts(many, count: 16).count == 16)
    #expect(
      message { _ = try heap.texts(many, count: 17) }
        == "not a readable HDF5 file: a text of varying length in it is damaged")
  }
}
