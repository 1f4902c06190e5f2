import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaInspection

@Suite("What explains a change")
struct ExplanationTests {
  private static let names = DifferenceFixture.cases.keys.sorted()

  /// The tensor of a case, and the names of the others that are not the same.
  private func difference(
    _ name: String, jobs: Int = 2
  ) throws -> (TensorDifference, others: [String]) {
    let changed = try DifferenceFixture.changed(name)
    let pair = try CheckpointPair.open(DifferenceFixture.base, changed.path)
    let difference = try CheckpointDifference(pair, jobs: jobs)
    let own = try #require(DifferenceFixture.cases[name]).tensor
    let ours = pair.models[0].mapping.first { $0.from == [own] }?.to[0]
    let wanted = pair.names == .own ? own : try #require(ours)
    let tensor = try #require(difference.tensors.first { $0.name == wanted })
    return (tensor, difference.tensors.filter { $0.status != .same && $0.name != wanted }.map(\.name))
  }

  @Test("every transformation that Python made is named, and no control is", arguments: names)
  func named(_ name: String) throws {
    let expected = try #require(DifferenceFixture.cases[name])
    let (tensor, others) = try difference(name)
    #expect(tensor.status.rawValue == expected.status)
    #expect(tensor.explanation?.kind.rawValue == expected.kind, "\(tensor.explanation as Any)")
    if let never = expected.never { #expect(tensor.explanation?.kind.rawValue != never) }
    if let detail = expected.detail { #expect(tensor.explanation?.detail == detail) }
    if let exact = expected.exact { #expect(tensor.explanation?.exact == exact || expected.kind == nil) }
    #expect(others == (name == "same-as-swapped" ? ["layers.3.ffn.up_proj.weight"] : []))
  }

  @Test("the size of a change is that of NumPy in float64", arguments: names)
  func sizes(_ name: String) throws {
    let expected = try #require(DifferenceFixture.cases[name])
    guard let relativeChange = expected.relativeChange else { return }
    let size = try #require(try difference(name).0.size)
    func isSame(_ value: Double?, _ expected: Double?) -> Bool {
      guard let value, let expected else { return value == nil && expected == nil }
      return abs(value - expected) <= 1e-12 + 1e-9 * abs(expected)
    }
    #expect(isSame(size.relativeChange, relativeChange))
    #expect(isSame(size.cosine, expected.cosine))
    #expect(isSame(size.maxDifference, expected.maxDifference))
  }

  @Test("any number of jobs finds the same", arguments: ["scale", "low-rank", "parts", "permutation-rows"])
  func jobs(_ name: String) throws {
    let one = try difference(name, jobs: 1).0
    let many = try difference(name, jobs: 5).0
    #expect(one.explanation == many.explanation && one.size == many.size)
  }

  @Test("the other direction of a logarithm")
  func logarithm() throws {
    let changed = try DifferenceFixture.changed("exponential")
    let pair = try CheckpointPair.open(changed.path, DifferenceFixture.base)
    let difference = try CheckpointDifference(pair, jobs: 2)
    let tensor = try #require(difference.tensors.first { $0.name == "layers.0.mamba.A_log" })
    #expect(tensor.explanation?.kind == .exponential && tensor.explanation?.detail == "log(-a)")
  }

  @Test("a part that changed is measured on its own")
  func parts() throws {
    let (tensor, _) = try difference("parts-one")
    #expect(tensor.parts.map(\.name) == ["z", "x", "B", "C", "dt"])
    #expect(tensor.parts.filter(\.isChanged).map(\.name) == ["B"])
    let part = try #require(tensor.parts.first { $0.name == "B" })
    #expect(part.size?.relativeChange == 0.5 && part.explanation?.kind == .scale)
  }

  @Test(
    "the rank and the energy of a difference are those of NumPy",
    arguments: DifferenceFixture.ranks.keys.sorted())
  func ranks(_ name: String) throws {
    let expected = try #require(DifferenceFixture.ranks[name])
    let side = CheckpointPair.Side(try SafetensorsSource(Fixture.path("differences", "low-rank.safetensors")))
    let a = try #require(side.source.tensors["\(name).a"])
    let b = try #require(side.source.tensors["\(name).b"])
    let reading = try PairReading(a, of: side, b, of: side)
    for jobs in [1, 3] {
      let plan = try #require(LowRankChange.Plan(MatrixView(a.shape), jobs: jobs))
      let moments = try reading.moments(0..<reading.count, jobs: jobs)
      let change = try LowRankChange(reading, plan, moments, jobs: jobs)
      #expect(change?.rank == expected.rank)
      if let change { #expect(abs(change.energy - expected.energy) < 1e-6) }
    }
  }
}
