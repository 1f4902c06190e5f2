import FoundationEssentials
import HymbaCheckpoints
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaInspection

@Suite("Roundings of blocks")
struct BlockRoundingTests {
  struct Expected: Decodable {
    let relativeChange: Double
    let leastChange: Double
  }

  private static let folder = Fixture.folder("gguf/quantised")

  private static func expected() throws -> [String: Expected] {
    try JSONDecoder().decode(
      [String: Expected].self,
      from: Data(InputFile.contents(of: folder + "/expected.json", limit: 1 << 20)))
  }

  private static func original() throws -> [Float] {
    try BrokenGGUF.original("gguf/quantised", "original", file: "original.safetensors")
  }

  private static let types = [
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
  ]

  private static func roundings(_ type: String, of original: [Float]) throws -> (BlockRoundings, PairReading) {
    let source = try GGUFSource(folder + "/quantised.gguf")
    let tensor = try #require(source.tensors[type])
    let memory = try MemorySource([.init(type, .float32, tensor.shape.dimensions, original.littleEndianBytes)])
    func reading(_ a: any CheckpointSource, _ b: any CheckpointSource) throws -> PairReading {
      try PairReading(try #require(a.tensors[type]), of: .init(a), tensor, of: .init(b))
    }
    let pair = try reading(memory, source)
    let ends = try reading(GGUFLevels(source, isLast: false), GGUFLevels(source, isLast: true))
    let numbers = try #require(StoredLevels.numbers(ofType: type))
    return (try BlockRoundings(pair, ends, of: numbers, jobs: 1), pair)
  }

  @Test("what ggml quantised is the nearest number of its block, and the least error is that of NumPy", arguments: types)
  func nearest(_ type: String) throws {
    let (found, pair) = try Self.roundings(type, of: Self.original())
    let expected = try #require(try Self.expected()[type])
    #expect(found.distant == 0 && found.areNeighbours)
    let least = try #require(found.leastChange)
    #expect(abs(least - expected.leastChange) <= 1e-6 * expected.leastChange)
    let change = try #require(ChangeSize(pair.moments(0..<pair.count, jobs: 1)).relativeChange)
    #expect(abs(change - expected.relativeChange) <= 1e-9 * expected.relativeChange)
  }

  @Test("an element that is not the nearest number is counted, and other numbers are no rounding", arguments: types)
  func distant(_ type: String) throws {
    var original = try Self.original()
    let (whole, pair) = try Self.roundings(type, of: original)
    // An element of the uniform row, moved away from its number by the same distance as the number from its neighbour.
    let index = 5 * 256 + 17
    let moved = try Self.step(type, index)
    var stored: [Double] = []
    try pair.forEachValues(index..<index + 1) { _, _, b in
      stored = b
      return true
    }
    original[index] = Float(stored[0] + (stored[0] > 0 ? -0.9 : 0.9) * moved)
    let (one, _) = try Self.roundings(type, of: original)
    #expect(whole.distant == 0 && one.distant == 1 && one.areNeighbours)
    #expect(try !Self.roundings(type, of: original.reversed()).0.areNeighbours)
  }

  private static func step(_ type: String, _ index: Int) throws -> Double {
    let source = try GGUFSource(folder + "/quantised.gguf")
    let tensor = try #require(source.tensors[type])
    let ends = try [false, true].map { [Float](try GGUFLevels(source, isLast: $0).bytes(of: tensor))[index] }
    let numbers = try #require(StoredLevels.numbers(ofType: type))
    return abs(Double(ends[1]) - Double(ends[0])) / Double(numbers.count - 1)
  }
}
