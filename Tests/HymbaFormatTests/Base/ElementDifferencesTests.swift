import Testing

@testable import HymbaFormat

@Suite("Sections: differences from a base")
struct ElementDifferencesTests {
  @Test("each element that differs is listed by the equal ones in front of it, and as the XOR of both")
  func list() {
    let base: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0]
    let new: [UInt8] = [1, 0, 2, 8, 3, 0, 4, 0, 6, 0]
    let found = ElementDifferences(of: new.raw, from: base.raw, elementBytes: 2)
    #expect(found.positions == [1, 2] && found.values == [0, 8, 3, 0] && found.count == 2)
  }

  @Test(
    "a gap of 255 equal elements and more takes a further byte for each 255",
    arguments: [(0, [0]), (254, [254]), (255, [255, 0]), (256, [255, 1]), (510, [255, 255, 0])] as [(Int, [UInt8])])
  func gaps(_ gap: Int, _ positions: [UInt8]) {
    let base = [UInt8](repeating: 7, count: gap + 2)
    var new = base
    new[gap] = 6
    #expect(ElementDifferences(of: new.raw, from: base.raw, elementBytes: 1).positions == positions)
  }

  @Test("equal elements have no list, and where all differ there are no positions")
  func ends() {
    let base = Random.bytes(64)
    let none = ElementDifferences(of: base.raw, from: base.raw, elementBytes: 4)
    #expect(none.values.isEmpty && none.positions.isEmpty)
    let inverted = base.map { ~$0 }
    let all = ElementDifferences(of: inverted.raw, from: base.raw, elementBytes: 4)
    #expect(all.positions.isEmpty && all.values == [UInt8](repeating: 255, count: 64))
  }

  @Test("the base's elements become those of which the differences were taken", arguments: [1, 2, 4, 8], [1, 3, 50, 1000])
  func inverse(_ elementBytes: Int, _ period: Int) {
    var random = Random(UInt64(elementBytes * period))
    let base = random.bytes(8000)
    var new = base
    for place in stride(from: random.next(below: period), to: 8000, by: period) { new[place] ^= 1 }
    let found = ElementDifferences(of: new.raw, from: base.raw, elementBytes: elementBytes)
    var changed = base
    var fits = false
    changed.withMutableBytes(0..<8000) {
      fits = ElementDifferences.apply(
        positions: found.positions, values: found.values.raw, elementBytes: elementBytes, to: &$0)
    }
    #expect(fits && changed == new)
  }

  @Test(
    "positions beyond the elements, and other values than positions, are refused",
    arguments: [
      ([4], [1, 1]), ([255], [1, 1]), ([1, 9], [1, 1, 1, 1]), ([1], []), ([1], [1, 1, 1, 1]), ([], [1, 1]),
      ([0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1]),
    ] as [([UInt8], [UInt8])])
  func refused(_ positions: [UInt8], _ values: [UInt8]) {
    var elements = [UInt8](repeating: 0, count: 8)
    var fits = true
    elements.withMutableBytes(0..<8) {
      fits = ElementDifferences.apply(positions: positions, values: values.raw, elementBytes: 2, to: &$0)
    }
    #expect(!fits)
  }

  @Test("a chunk is stored as a list where few elements differ, and as all elements where that is smaller")
  func choice() throws {
    let base = [UInt8](repeating: 0, count: 20_000)
    var few = base
    few[300] = 1
    let list = try ChunkEncoder(.default).encode(few.raw, differingFrom: base.raw, .bfloat16)
    #expect(list.frames.map(\.decodedBytes) == [1, 1, 1])
    // Three of four elements differ by the same bit, so that the positions cost more than the equal elements.
    let most = base.indices.map { UInt8($0 % 2 == 0 && $0 % 8 != 0 ? 1 : 0) }
    let all = try ChunkEncoder(.default).encode(most.raw, differingFrom: base.raw, .bfloat16)
    #expect(all.frames.map(\.decodedBytes) == [0, 10_000, 10_000] || all.frames.map(\.decodedBytes) == [7500, 7500, 7500])
  }
}
