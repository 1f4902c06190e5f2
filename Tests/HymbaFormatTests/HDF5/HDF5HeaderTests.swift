import TestSupport
import Testing

@testable import HymbaFormat

/// Messages in the headers of objects that the library would read past, or follow without end.
@Suite("Object headers of HDF5 files")
struct HDF5HeaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let damaged = "not a readable HDF5 file: a dataset's header in it is damaged"
  private static let ends = "not a readable HDF5 file: a block in it ends early"
  private static let virtual =
    "the dataset “/w” is virtual, pieced together from other datasets, which is not supported; copy its data into the file"

  private static let cases: [HDF5Change] = [
    // The flags of a message are its fifth byte: the library ignores that a layout be shared.
    HDF5Change(
      "a virtual layout that is shared", "refused/virtual.h5", 0x380, [8, 0, 16, 0, 0], [4: [2]],
      virtual),
    HDF5Change(
      "a chunk of no rows in a layout that is shared", "types-tiles.h5", 0x13050,
      [8, 0, 24, 0, 0, 0, 0, 0, 3, 2], [4: [2], 19: [0]], damaged),
    HDF5Change(
      "more files than there is room for", "refused/external-storage.h5", 0x388,
      [1, 0, 0, 0, 1, 0, 1, 0], [6: [0xFF, 0xFF]],
      "the dataset “/w” has its data in another file, which is not supported; copy it into this one"),
    HDF5Change(
      "a filter whose name has no end", "refused/bomb.h5", 0x388, [1, 1],
      [16: Array("deflated".utf8)], damaged),
    HDF5Change(
      "filters behind the message", "refused/bomb.h5", 0x388, [1, 1], [1: [2]], ends),
    szip("blocks of no elements", [0x18: [0]]), szip("blocks of odd lengths", [0x18: [7]]),
    szip("large blocks", [0x18: [34]]), szip("elements of no bits", [0x1C: [0]]),
    szip("elements of 33 bits", [0x1C: [33]]), szip("lines of no elements", [0x20: [0]]),
    szip("lines shorter than a block", [0x20: [7]]), szip("long lines", [0x20: [1, 4]]),
    HDF5Change(
      "chunks of more than 4 GB", "refused/bomb.h5", 0x3B0, [3, 2, 2], [11: [0, 0, 0, 0x40]],
      damaged),
    HDF5Change(
      "chunks with elements of another size", "refused/bomb.h5", 0x3B0, [3, 2, 2], [15: [1]],
      damaged),
    HDF5Change(
      "a fill value behind the message", "refused/bomb.h5", 0x378, [2, 3, 2, 1, 0, 0, 0, 0],
      [4: [1]], ends),
    HDF5Change(
      "a fill value of the later version", "refused/bomb.h5", 0x378, [2, 3, 2, 1, 0, 0, 0, 0],
      [0: [3, 0x2A, 0xFF, 0xFF, 0xFF, 0x7F]], ends),
    HDF5Change(
      "an opaque type whose text is not there", "refused/opaque.h5", 0x358, [0x15, 0], [1: [0xFF]],
      ends),
    HDF5Change(
      "an enumeration with more names", "refused/enumeration.h5", 0x358, [0x18, 2], [1: [3]], ends),
    HDF5Change(
      "an enumeration of no names", "refused/enumeration.h5", 0x358, [0x18, 2], [1: [0]], damaged),
    HDF5Change(
      "an enumeration of larger numbers", "refused/enumeration.h5", 0x358, [0x18, 2], [12: [4]],
      damaged),
    HDF5Change(
      "a compound with more members", "refused/compound.h5", 0x358, [0x16, 2], [1: [5]], ends),
    HDF5Change(
      "sequences of sequences of …", "refused/compound.h5", 0x358, [0x16, 2],
      [0: [[UInt8]](repeating: [0x19, 0, 0, 0, 16, 0, 0, 0], count: 15).flatMap { $0 }], damaged),
    HDF5Change(
      "a type somewhere else", "refused/compound.h5", 0x350, [3, 0, 120, 0, 1],
      [4: [3], 8: [2, 0, 0, 0, 0, 0, 1, 0, 0, 0]],
      "the file ends early: 4 bytes at offset 4294967296 were expected, but it has 2064 bytes"),
    HDF5Change(
      "a type in a heap", "refused/compound.h5", 0x350, [3, 0, 120, 0, 1], [4: [3], 8: [3, 1]],
      "not a readable HDF5 file: an object header in it is damaged"),
    HDF5Change(
      "a shape in a heap", "refused/compound.h5", 0x330, [1, 0, 24, 0, 0], [4: [2]],
      "not a readable HDF5 file: an object header in it is damaged"),
    HDF5Change(
      "a chunk of one byte in its index", "types-tiles.h5", 0x130F8,
      Array("TREE".utf8) + [1, 0, 9, 0], [24: [1]],
      "not a readable HDF5 file: an index of chunks in it is damaged"),
    // The last byte of a heap of 88.
    HDF5Change(
      "a name without an end", "refused/checksum.h5", 0x31F, [0], [0: [0x78]],
      "not a readable HDF5 file: a heap of names in it is damaged"),
    HDF5Change(
      "a root that is a dataset", "links.h5", 64, [0x60, 0], [0: [0x20, 3]],
      "“/” is neither a group nor a dataset"),
    HDF5Change(
      "a block of a driver", "links.h5", 48, [UInt8](repeating: 0xFF, count: 8), [0: [0, 1]],
      furtherSettings),
    HDF5Change(
      "an extension of the superblock", "indices.h5", 20, [UInt8](repeating: 0xFF, count: 8),
      [0: [0, 1, 0, 0, 0, 0, 0, 0]], block: (0, 44), furtherSettings),
  ]

  private static func szip(_ what: String, _ changes: [Int: [UInt8]]) -> HDF5Change {
    // Its settings begin at byte 24: options, elements of a block, bits, elements of a line.
    HDF5Change(
      what, "szip.h5", 0x7A0, [1, 1, 0, 0, 0, 0, 0, 0, 4, 0, 8, 0, 1, 0, 4, 0],
      Dictionary(uniqueKeysWithValues: changes.map { ($0.key + 4, $0.value) }), damaged)
  }

  private static let furtherSettings =
    "not a readable HDF5 file: its superblock refers to a block with further settings, which is not read here; copy the datasets into a new file, written with the defaults"

  @Test("what the library would trust is refused", arguments: cases)
  func refused(_ change: HDF5Change) throws {
    let path = try folder.write(change.bytes, to: "x.h5")
    #expect(message { _ = try HDF5Source(path) } == change.message)
  }

  @Test("blocks of a header that add up to more than any header has are refused")
  func blocks() throws {
    func field(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    // One block of a megabyte, of messages without a meaning, to which many lead.
    func header(leadingTo count: Int) throws -> HDF5Fields {
      var bytes: [UInt8] = [1, 0, 1, 0, 1, 0, 0, 0] + field(24 * count, 4) + field(0, 4)
      for _ in 0..<count {
        bytes += [0x10, 0, 16, 0, 0, 0, 0, 0] + field(4096, 8) + field(1 << 20, 8)
      }
      bytes += [UInt8](repeating: 0, count: 4096 - bytes.count)
      for _ in 0..<16 { bytes += field(0, 2) + field(65_528, 2) + field(0, 65_532) }
      let file = try InputFile(folder.write(bytes, to: "header"))
      return HDF5Fields(file: file, base: 0, addressBytes: 8, lengthBytes: 8)
    }
    #expect(try HDF5ObjectHeader(at: 0, header(leadingTo: 15)).attributes.isEmpty)
    #expect(
      message { _ = try HDF5ObjectHeader(at: 0, header(leadingTo: 16)) }
        == "not a readable HDF5 file: an object header in it is damaged")
  }

  @Test("types of every kind are followed to their end")
  func types() throws {
    // A compound of version 1: an array of floats, then a text of varying length of version 3's kind.
    let float: [UInt8] = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
    let character: [UInt8] = [0x13, 0, 0, 0, 1, 0, 0, 0]
    let member: [UInt8] =
      [0x61, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0] + [UInt8](repeating: 0, count: 28)
    let text: [UInt8] = [0x19, 1, 0, 0, 16, 0, 0, 0] + character
    let array: [UInt8] = [0x3A, 0, 0, 0, 24, 0, 0, 0, 2, 2, 0, 0, 0, 3, 0, 0, 0] + float
    let old: [UInt8] =
      [0x2A, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] + float
    let compound = [0x16, 2, 0, 0, 24, 0, 0, 0] + member + float + member + text
    let new = [0x36, 2, 0, 0, 0x2C, 1, 0, 0] + [0x61, 0, 0, 0] + float + [0x62, 0, 4, 0] + text
    let enumeration: [UInt8] =
      [0x38, 2, 0, 0, 1, 0, 0, 0, 0x30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0] + [0x61, 0, 0x62, 0, 7, 8]
    for (type, bytes) in [
      (float, 4), (character, 1), (text, 16), (array, 24), (old, 8), (compound, 24), (new, 300),
      (enumeration, 1), ([0x15, 8, 0, 0, 3, 0, 0, 0] + Array("12345678".utf8), 3),
      ([0x17, 0, 0, 0, 8, 0, 0, 0], 8), ([0x12, 0, 0, 0, 4, 0, 0, 0, 32, 0], 4),
      ([0x14, 0, 0, 0, 2, 0, 0, 0, 0, 0, 16, 0], 2),
    ] as [([UInt8], UInt64)] {
      var whole = HDF5Fields.Cursor(bytes: type[...])
      #expect(try HDF5MessageChecks.datatype(&whole) == bytes)
      #expect(whole.remaining == 0)
      var cut = HDF5Fields.Cursor(bytes: type.dropLast())
      #expect(message { try HDF5MessageChecks.datatype(&cut) } == Self.ends)
    }
  }
}
