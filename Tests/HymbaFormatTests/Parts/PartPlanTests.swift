import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Parts: the plan")
struct PartPlanTests {
  private static func entries(_ sizes: [Int]) -> [MemorySource.Entry] {
    sizes.enumerated().map { .init("t\($0)", .uint8, [$1], [UInt8](repeating: 1, count: $1)) }
  }

  private func sizes(_ sizes: [Int], _ division: PartPlan.Division) throws -> [[Int]] {
    try PartedModel(division, Self.entries(sizes)).plan.shares.map { $0.map(\.byteCount) }
  }

  @Test("neighbours stay together, and the parts have about the same bytes")
  func balance() throws {
    #expect(try sizes([5, 5, 5, 5, 5, 5], .count(3)) == [[5, 5], [5, 5], [5, 5]])
    #expect(try sizes([9, 1, 1, 1, 1, 1], .count(2)) == [[9], [1, 1, 1, 1, 1]])
    #expect(try sizes([1, 1, 1, 9], .count(2)) == [[1, 1, 1], [9]])
    #expect(try sizes([3, 3, 3, 3], .count(1)) == [[3, 3, 3, 3]])
  }

  @Test("no part is empty, however unequal the tensors are")
  func noneEmpty() throws {
    #expect(try sizes([100, 1, 1], .count(3)) == [[100], [1], [1]])
    #expect(try sizes([1, 1, 100], .count(3)) == [[1], [1], [100]])
    #expect(try sizes([0, 0, 0], .count(3)) == [[0], [0], [0]])
    var random = Random(7)
    for _ in 0..<50 {
      let tensors = (0..<(5 + random.next(below: 20))).map { _ in random.next(below: 1000) }
      let count = 1 + random.next(below: tensors.count)
      let shares = try sizes(tensors, .count(count))
      #expect(shares.count == count && !shares.contains([]) && shares.flatMap(\.self) == tensors)
    }
  }

  @Test("a part is further from its share than half of the largest tensor in no case where tensors are many")
  func spread() throws {
    var random = Random(9)
    let tensors = (0..<400).map { _ in 500 + random.next(below: 500) }
    let share = tensors.reduce(0, +) / 8
    for part in try sizes(tensors, .count(8)) { #expect(abs(part.reduce(0, +) - share) < 1000) }
  }

  @Test("a size is kept to, but for a tensor that is larger")
  func size() throws {
    #expect(try sizes([4, 4, 4, 20, 1], .bytes(8)) == [[4, 4], [4], [20], [1]])
    #expect(try sizes([4, 4], .bytes(100)) == [[4, 4]])
    #expect(try sizes([], .bytes(100)) == [[]])
  }

  @Test("the digest of the plan tells models and divisions apart, and does not know values")
  func digest() throws {
    let plan = try PartedModel().plan
    var entries = PartedModel.entries
    entries[0] = .init("a.weight", .bfloat16, [40, 60], Random.bytes(4800, seed: 99))
    #expect(try PartedModel(.count(3), entries).plan.digest == plan.digest)
    #expect(try PartedModel(jobs: 1).plan.digest == plan.digest)
    entries[0] = .init("a.weight", .bfloat16, [60, 40], Random.bytes(4800))
    #expect(try PartedModel(.count(3), entries).plan.digest != plan.digest)
    #expect(try PartedModel(.count(2)).plan.digest != plan.digest)
    #expect(try PartedModel(compression: .none).plan.digest != plan.digest)
    #expect(try PartedModel(level: .fast).plan.digest != plan.digest)
    var other = try PartedModel()
    other.description.metadata["note"] = "of another"
    #expect(
      try PartPlan(
        other.source.tensors, .count(3), attachments: other.attachments.tensors, description: other.description,
        writer: other.writer
      ).digest != plan.digest)
  }

  @Test("more parts than tensors, and more than are read, are refused")
  func tooMany() throws {
    #expect(
      message { _ = try sizes([1, 2], .count(3)) }
        == "3 parts are asked for, and there are 2 tensors: each part has at least one")
    #expect(
      message { _ = try sizes([1, 2], .count(1_000_000_000)) }
        == "a model has 1 to 512 parts, and 1000000000 are asked for")
    #expect(
      message { _ = try sizes([Int](repeating: 2, count: 600), .bytes(2)) }
        == "parts of 2 bytes are 600, and a model has at most 512")
  }

  @Test(
    "a name of a part is just what is written",
    arguments: [
      "model-1-of-3.hymba", "model-00004-of-00003.hymba", "model-00000-of-00003.hymba", "model-+0001-of-00003.hymba",
      "model-00001-of-99999.hymba", ".model-00001-of-00003.hymba.1.a.part", "model-00001-of-00003.safetensors",
      "other-00001-of-00003.hymba", "model-00001-in-00003.hymba",
    ])
  func names(_ name: String) {
    #expect(PartName(name) == nil)
    #expect(PartName("model-00002-of-00003.hymba") == PartName(number: 2, count: 3))
  }
}
