import HymbaFormat
import TestSupport
import Testing

/// Blocks without checksums that are made to mislead the library, which itself would crash or never end.
@Suite("Hostile HDF5 files", .timeLimit(.minutes(5)))
struct HDF5HostileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func number(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func refusal(_ bytes: [UInt8]) throws -> String? {
    let path = try folder.write(bytes, to: "x.h5")
    return message { _ = try HDF5Source(path) }
  }

  /// Where a block with this beginning is.
  private func position(_ beginning: [UInt8], in bytes: [UInt8]) throws -> Int {
    try #require(
      bytes.indices.first { bytes[$0...].starts(with: beginning) })
  }

  @Test(
    "a group whose index leads to itself, or is too deep, is refused", arguments: [1, 2, 6, 255])
  func groupTree(_ level: UInt8) throws {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let node = try position(Array("TREE".utf8) + [0, 0], in: bytes)
    bytes[node + 5] = level
    bytes.replaceSubrange(node + 32..<node + 40, with: number(node))
    #expect(
      try refusal(bytes) == "the HDF5 library cannot read “/”: the index of a group is damaged")
  }

  @Test("chunks whose index leads to itself or to another level are refused", arguments: [1, 2])
  func chunkTree(_ level: UInt8) throws {
    var bytes = try HDF5Fixture.bytes("types-tiles.h5")
    let node = try position(Array("TREE".utf8) + [1, 0], in: bytes)
    bytes[node + 5] = level
    // Behind the head and the first key, of three dimensions and one.
    let child = node + 24 + 8 + 8 * 4
    bytes.replaceSubrange(child..<child + 8, with: number(node))
    #expect(
      try refusal(bytes) == "not a readable HDF5 file: an index of chunks in it is damaged")
  }

  @Test("an index of chunks in which two ways lead to one node is refused")
  func sharedChunkTree() throws {
    var bytes = try HDF5Fixture.bytes("types-tiles.h5")
    let node = try position(Array("TREE".utf8) + [1, 0], in: bytes)
    let other = try #require(
      bytes.indices.dropFirst(node + 6).first {
        bytes[$0...].starts(with: Array("TREE".utf8) + [1, 0])
      })
    bytes[node + 5] = 1
    bytes[node + 6] = 2
    bytes[node + 7] = 0
    for child in 0..<2 {
      let place = node + 24 + 40 + 48 * child
      bytes.replaceSubrange(place..<place + 8, with: number(other))
    }
    #expect(
      try refusal(bytes) == "not a readable HDF5 file: an index of chunks in it is damaged")
  }

  @Test("a heap of names that is larger than the file is refused", arguments: [-1, -168])
  func heapSize(_ size: Int) throws {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let heap = try position(Array("HEAP".utf8), in: bytes)
    bytes.replaceSubrange(heap + 8..<heap + 16, with: number(size))
    #expect(try refusal(bytes) == "not a readable HDF5 file: a heap of names in it is damaged")
  }

  @Test("a heap of names that ends behind the file is refused")
  func heapEnd() throws {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let heap = try position(Array("HEAP".utf8), in: bytes)
    let start = bytes[heap + 24..<heap + 32].reversed().reduce(0) { $0 << 8 | Int($1) }
    bytes.replaceSubrange(heap + 8..<heap + 16, with: number(bytes.count - start + 1))
    #expect(
      try refusal(bytes)
        == "the file ends early: 1 bytes at offset \(bytes.count) were expected, but it has \(bytes.count) bytes"
    )
  }

  @Test("a list of free places that leads to itself does no harm: reading needs none")
  func freeList() throws {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let heap = try position(Array("HEAP".utf8), in: bytes)
    func field(_ place: Int) -> Int {
      bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let place = (field(heap + 8) - 16) / 8 * 8
    let start = field(heap + 24) + place
    bytes.replaceSubrange(heap + 16..<heap + 24, with: number(place))
    bytes.replaceSubrange(start..<start + 16, with: number(place) + number(16))
    let source = try HDF5Source(folder.write(bytes, to: "x.h5"))
    let expected = try HDF5Source(HDF5Fixture.path("flat.h5"))
    #expect(Set(source.tensors) == Set(expected.tensors))
  }

  @Test("an address outside of the file is refused where the library reads from it")
  func outside() throws {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let node = try position(Array("TREE".utf8) + [0, 0], in: bytes)
    bytes.replaceSubrange(node + 32..<node + 40, with: number(-64))
    #expect(
      try refusal(bytes)
        == "the HDF5 library cannot read “/”: an address in the file leads outside of it")
  }

  @Test(
    "numbers in a dataset's header that the library would trust are refused",
    arguments: [
      // How many members an enumeration has, and their size; the number and the lengths of a chunk's sides.
      ("types-big.h5", 0x26F0, [0x18, 2, 0, 0, 1, 0, 0, 0], 1, [0]),
      ("types-big.h5", 0x26F0, [0x18, 2, 0, 0, 1, 0, 0, 0], 15, [0x40]),
      ("refused/bomb.h5", 0x3B0, [3, 2, 2], 2, [0]),
      ("refused/bomb.h5", 0x3B0, [3, 2, 2], 11, [0, 0, 0, 0]),
    ] as [(String, Int, [UInt8], Int, [UInt8])])
  func header(
    _ file: String, _ place: Int, _ expected: [UInt8], _ offset: Int, _ change: [UInt8]
  ) throws {
    var bytes = try HDF5Fixture.bytes(file)
    try #require(bytes[place...].starts(with: expected))
    bytes.replaceSubrange(place + offset..<place + offset + change.count, with: change)
    #expect(
      try refusal(bytes) == "not a readable HDF5 file: a dataset's header in it is damaged")
  }

  @Test("two chunks of different sizes at one place are measured as they are read")
  func chunksAtOnePlace() throws {
    var bytes = try HDF5Fixture.bytes("refused/stream-long.h5")
    // Two chunks of one row become one of 2049 rows, in which both begin.
    let rows = 0x3CB
    try #require(bytes[rows...].starts(with: [1, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0, 0]))
    bytes[rows + 1] = 8
    let source = try HDF5Source(folder.write(bytes, to: "x.h5"))
    let found = message { _ = try source.bytes(of: source.tensors[0]) }
    // Which of the two the library finds is up to it.
    #expect(
      [4096, 4_194_304].map {
        "the data of the dataset “/w” is damaged: a chunk decodes to \($0) bytes instead of 8392704"
      }.contains(found))
  }
}
