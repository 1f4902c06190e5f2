import Testing

@testable import HymbaFormat

@Suite("Sections: differences from a base")
struct ElementDifferencesTests {
  @Test("each element that differs is listed by the equal ones in front of it, and by its distance")
  func list() {
    let base: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0]
    let new: [UInt8] = [1, 0, 2, 8, 3, 0, 4, 0, 6, 0]
    let found = ElementDifferences(of: new.raw, from: base.raw, elementBytes: 2)
    #expect(found.positions == [1, 2] && found.values == [0, 16, 2, 0] && found.count == 2)
    let all = ElementDifferences(of: new.raw, from: base.raw, elementBytes: 2, listsAll: true)
    #expect(all.positions.isEmpty && all.values == [0, 0, 0, 16, 0, 0, 0, 0, 2, 0])
  }

  @Test(
    "a distance is that of the integers on a circle, with the sign in the lowest bit",
    arguments: [(0, 1, 2), (1, 0, 1), (7, 4, 5), (0, 127, 254), (0, 128, 255), (0, 129, 253), (255, 0, 2), (0, 255, 1)])
  func distance(_ old: UInt8, _ new: UInt8, _ value: UInt8) {
    #expect(ElementDifferences(of: [new].raw, from: [old].raw, elementBytes: 1).values == [value])
    // Two wider elements that far apart in their upper half: the lower half of a value then tells the sign alone.
    let wide = ElementDifferences(of: [0, new].raw, from: [0, old].raw, elementBytes: 2).values
    let isNegative = new &- old >= 128
    let distance = Int(Int8(bitPattern: new &- old)) * 256
    let expected = isNegative ? -2 * distance - 1 : 2 * distance
    #expect(wide == [UInt8(expected % 256), UInt8(expected / 256)])
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
    let zeros = [UInt8](repeating: 0, count: 8)
    let all = ElementDifferences(of: [255, 255, 255, 255, 1, 0, 0, 0].raw, from: zeros.raw, elementBytes: 4)
    #expect(all.positions.isEmpty && all.values == [1, 0, 0, 0, 2, 0, 0, 0])
  }

  @Test("the base's elements become those of which the differences were taken", arguments: [1, 2, 4, 8], [1, 3, 50, 1000])
  func inverse(_ elementBytes: Int, _ period: Int) {
    for listsAll in [false, true] { inverse(elementBytes, period, listsAll) }
  }

  private func inverse(_ elementBytes: Int, _ period: Int, _ listsAll: Bool) {
    var random = Random(UInt64(elementBytes * period))
    let base = random.bytes(8000)
    var new = base
    for place in stride(from: random.next(below: period), to: 8000, by: period) { new[place] = random.bytes(1)[0] }
    let found = ElementDifferences(of: new.raw, from: base.raw, elementBytes: elementBytes, listsAll: listsAll)
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
    // Of four elements about one is equal, one has another bit in its upper byte, and two have one in their lower byte, at
    // random places: an equal one then takes fewer bits than the positions.
    var random = Random(1)
    var most = base
    for index in 0..<10_000 {
      let change = random.next(below: 4)
      if change > 0 { most[2 * index + (change == 1 ? 1 : 0)] = UInt8(change) }
    }
    let all = try ChunkEncoder(.default).encode(most.raw, differingFrom: base.raw, .bfloat16)
    #expect(all.frames.map(\.decodedBytes) == [0, 10_000, 10_000])
  }

  @Test("what repeats is found: rows that changed take next to nothing for their positions and their upper bytes")
  func rows() throws {
    let base = [UInt8](repeating: 0, count: 200_000)
    var random = Random(1)
    let new = base.indices.map { $0 / 1000 % 20 == 0 && $0 % 2 == 0 ? UInt8(random.next(below: 255) + 1) : 0 }
    for level in CompressionLevel.allCases {
      let chunk = try ChunkEncoder(level).encode(new.raw, differingFrom: base.raw, .bfloat16)
      #expect(chunk.frames.map(\.decodedBytes)[1] == 5000)
      #expect(chunk.frameSizes[0] < 200 && chunk.frameSizes[1] < 900)
    }
  }
}
