import HymbaFormat
import TestSupport
import Testing

/// The indices of the newer format: what the library would write or read outside of its memory by.
@Suite("Indices of HDF5 files")
struct HDF5IndexTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("large groups and chunks behind every index are read; a type with a name is one")
  func read() throws {
    let source = try HDF5Source(HDF5Fixture.path("indices.h5"))
    func counting(to end: UInt16) -> [UInt8] {
      (0..<end).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
    #expect(source.tensors.count == 308)
    for tensor in source.tensors {
      let isChunked = tensor.name.hasPrefix("chunks.") || tensor.name.hasPrefix("gzip.")
      #expect(tensor.shape.dimensions == (isChunked ? [200, 3] : [6]), "\(tensor.name)")
      #expect(
        try source.bytes(of: tensor) == counting(to: isChunked ? 600 : 6), "\(tensor.name)")
    }
  }

  private static let groupDamaged =
    "not a readable HDF5 file: the index of a group in it is damaged"
  private static let chunksDamaged =
    "not a readable HDF5 file: an index of chunks in it is damaged"
  private static let datasetDamaged =
    "not a readable HDF5 file: a dataset's header in it is damaged"

  private static let groupTree = (0x3D2, 34)
  private static let groupNode = (0x1000, 155)
  private static let heap = (0x340, 142)

  private static let groups: [HDF5Change] = [
    tree("a tree of something else", [5: [8]]), tree("no bytes in a node", [6: [9, 0]]),
    tree("a huge node", [6: [0, 0, 0, 0x40]]), tree("records of no bytes", [10: [0]]),
    tree("records of another size", [10: [12]]), tree("too many levels", [12: [9]]),
    tree("a level too few", [12: [0]]), tree("a level too many", [12: [2]]),
    tree("more records than the root has", [24: [0xFF, 0xFF]]),
    node("more records than a leaf has", [0x5B: [46]]),
    node("a node that leads to itself", [0x53: [0, 0x10]]),
    node("two ways to one node", [0x53: [0, 0x12]]),
    node("an entry within its reference", [10: [0x20]]),
    node("an entry outside of the heap", [11: [0, 0x60, 0, 0]]),
    node("an entry in the head of a block", [11: [20, 0, 0, 0]]),
    node("an entry that goes on behind its block", [15: [0xFF, 1]]),
    node("an entry without a byte", [15: [0, 0]]),
    head("references of eight bytes", [5: [8]]), head("filters", [7: [1]]),
    head("larger entries", [10: [0xFF, 0xFF]]), head("entries apart", [22: [0]]),
    head("no width", [110: [0]]), head("small blocks", [112: [0, 1]]),
    head("larger blocks", [120: [0, 0, 2]]), head("more bits", [128: [64]]),
    head("more rows than there can be", [140: [23]]),
    HDF5Change(
      "rows behind the end of the file", "indices.h5", heap.0, Array("FRHP".utf8), [140: [5]],
      block: heap, "not a readable HDF5 file: a block in it ends early"),
    HDF5Change(
      "a block of another place", "indices.h5", 0xFB8B, Array("FHIB".utf8), [13: [1]],
      block: (0xFB8B, 145), groupDamaged),
    HDF5Change(
      "two ways to one block", "indices.h5", 0xFB8B, Array("FHIB".utf8), [17: [0x8B, 0xF7]],
      block: (0xFB8B, 145), groupDamaged),
    HDF5Change(
      "entries of another place", "indices.h5", 0xF98B, Array("FHDB".utf8), [13: [1]],
      groupDamaged),
  ]

  private static func tree(_ what: String, _ changes: [Int: [UInt8]]) -> HDF5Change {
    HDF5Change(
      what, "indices.h5", groupTree.0, Array("BTHD".utf8), changes, block: groupTree, groupDamaged)
  }

  private static func node(_ what: String, _ changes: [Int: [UInt8]]) -> HDF5Change {
    HDF5Change(
      what, "indices.h5", groupNode.0, Array("BTIN".utf8), changes, block: groupNode, groupDamaged)
  }

  private static func head(_ what: String, _ changes: [Int: [UInt8]]) -> HDF5Change {
    HDF5Change(what, "indices.h5", heap.0, Array("FRHP".utf8), changes, block: heap, groupDamaged)
  }

  private static let chunks: [HDF5Change] = [
    index("a tree of compressed chunks", 0x3902, "BTHD", 34, [5: [11]]),
    index("records of another size", 0x3902, "BTHD", 34, [10: [23]]),
    index("a tree of plain chunks", 0x7621, "BTHD", 34, [5: [10]]),
    index("more records than a leaf has", 0x4128, "BTIN", 81, [62: [85]]),
    index("two ways to one node", 0x4128, "BTIN", 81, [54: [0x28, 0x49]]),
    index("an array of compressed chunks", 0x2C5, "FAHD", 24, [5: [1]]),
    index("items of another size", 0x2C5, "FAHD", 24, [6: [14]]),
    index("pages of another size", 0x2C5, "FAHD", 24, [7: [64]]),
    index("fewer items than chunks", 0x2C5, "FAHD", 24, [8: [199]]),
    index("items of another size", 0x5AB7, "FAHD", 24, [6: [8]]),
    index("items of another size", 0x2E1, "EAHD", 68, [6: [9]]),
    index("more items than can be", 0x2E1, "EAHD", 68, [7: [64]]),
    index("a block of no items", 0x2E1, "EAHD", 68, [9: [0]]),
    index("chunks behind the last", 0x2E1, "EAHD", 68, [44: [1, 0, 0, 0, 1]]),
    index("more chunks than the file has room for", 0x2E1, "EAHD", 68, [44: [0, 0, 0, 1]]),
    layout("no dimensions", [3: [0]]), layout("one dimension", [3: [1]]),
    layout("chunks at the edge without filters", [2: [1]]),
    layout("lengths of nine bytes", [4: [9]]), layout("a length of no elements", [5: [0]]),
    layout("elements of one byte", [7: [1]]), layout("an index that is none", [8: [6]]),
    layout("a tree of the older format", [8: [0]]), layout("another size of pages", [9: [0]]),
    HDF5Change(
      "an array with other numbers", "indices.h5", 0x269C, [4, 2, 0, 3], [11: [16]],
      block: (0x2652, 264), datasetDamaged),
    HDF5Change(
      "one chunk without its size", "indices.h5", 0x85BB, [4, 2, 2, 3], [2: [0]],
      block: (0x8561, 264), datasetDamaged),
    // A fill value in a message of two bytes.
    HDF5Change(
      "a fill value behind the message", "indices.h5", 0x68E, [3, 0x0B], [1: [0x2B]],
      block: (0x64A, 264), "not a readable HDF5 file: a block in it ends early"),
    HDF5Change(
      "an entry of another version", "indices.h5", 0x57, [1, 0, 4, 0x64], [0: [2]],
      block: (0x30, 127), "not a readable HDF5 file: an entry of a group in it is damaged"),
    HDF5Change(
      "an entry whose name has no end", "indices.h5", 0x57, [1, 0, 4, 0x64], [2: [0xFF]],
      block: (0x30, 127), "not a readable HDF5 file: a block in it ends early"),
    // The type with a name becomes one that refers to itself.
    HDF5Change(
      "a type that is its own", "indices.h5", 0x8684, [3, 12, 0, 5],
      [3: [3], 4: [3, 2, 0x6D, 0x86, 0, 0, 0, 0, 0, 0]], block: (0x866D, 48),
      "not a readable HDF5 file: an object header in it is damaged"),
  ]

  private static func index(
    _ what: String, _ place: Int, _ signature: String, _ count: Int, _ changes: [Int: [UInt8]]
  ) -> HDF5Change {
    HDF5Change(
      what, "indices.h5", place, Array(signature.utf8), changes, block: (place, count),
      chunksDamaged)
  }

  /// Of a dataset with a fixed array.
  private static func layout(_ what: String, _ changes: [Int: [UInt8]]) -> HDF5Change {
    let isIndex = changes[9] != nil
    return HDF5Change(
      what, "indices.h5", 0x694, [4, 2, 0, 3, 1, 1, 3, 2, 3, 10], changes, block: (0x64A, 264),
      isIndex ? chunksDamaged : datasetDamaged)
  }

  @Test("numbers that mislead are refused, with the checksums right", arguments: groups + chunks)
  func refused(_ change: HDF5Change) throws {
    let path = try folder.write(change.bytes, to: "x.h5")
    #expect(message { _ = try HDF5Source(path) } == change.message)
  }
}
