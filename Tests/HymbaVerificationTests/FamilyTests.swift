import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Jamba and Zamba")
struct FamilyTests {
  private static let sets = ["jamba-tiny", "zamba-tiny"]

  private func verify(
    _ path: String, input: String, expecting expected: String
  ) throws -> VerificationReport {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.input = try Reference(input)
    verification.expected = try Reference(expected)
    return try verification.run(model).0
  }

  private func verify(_ set: String, expecting file: String) throws -> VerificationReport {
    try verify(
      Fixture.folder(set), input: Fixture.path(set, "expected.safetensors"),
      expecting: Fixture.path(set, file))
  }

  @Test("every capture that transformers recorded passes, and so does every check", arguments: sets)
  func recorded(_ set: String) throws {
    let report = try verify(set, expecting: "expected.safetensors")
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 11 && report.notCompared == [])
    #expect(report.comparison.allSatisfy { ($0.maxRelativeError ?? 1) < 5e-6 })
    let logits = try #require(report.comparison.last)
    #expect(logits.capture == "logits" && logits.top1Agreement == 1)
    #expect(abs(logits.klDivergence ?? 1) < 1e-9)
    #expect(
      report.checks.map(\.name) == [
        "inventory", "numbers", "conventions", "shapes", "outputs", "causality", "batch independence",
        "decoding", "reference",
      ])
    #expect(report.checks.allSatisfy { !$0.detail.contains("left out") })
  }

  @Test(
    "branches, routers and shared contributions are those of the float64 re-computation",
    arguments: [("jamba-tiny", 12), ("zamba-tiny", 11)])
  func branches(_ set: String, _ count: Int) throws {
    let report = try verify(set, expecting: "branches.safetensors")
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == count && report.notCompared == [])
  }

  private struct Layer: Decodable {
    let mixer: String, streamRMS: Double, mixerRMS: Double, share: Double
    let sharedRMS: Double?, sharedShare: Double?
    let load: [Double]?, entropy: Double?
  }

  @Test("statistics are those of the float64 re-computation", arguments: sets)
  func statistics(_ set: String) throws {
    let report = try verify(set, expecting: "expected.safetensors")
    let layers = try JSONDecoder().decode(
      [Layer].self,
      from: Data(InputFile.contents(of: Fixture.path(set, "statistics.json"), limit: 1 << 20)))
    #expect(report.layers.count == layers.count)
    for (got, expected) in zip(report.layers, layers) {
      #expect(got.mixer.rawValue == expected.mixer && got.gate == nil && got.fusion == nil)
      let residual = try #require(got.residual)
      #expect(abs(residual.streamRMS - expected.streamRMS) < 1e-5)
      #expect(abs(residual.mixerRMS - expected.mixerRMS) < 1e-5)
      #expect(abs(residual.share - expected.share) < 1e-5)
      #expect((residual.sharedRMS == nil) == (expected.sharedRMS == nil))
      #expect(abs((residual.sharedRMS ?? 0) - (expected.sharedRMS ?? 0)) < 1e-5)
      #expect(abs((residual.sharedShare ?? 0) - (expected.sharedShare ?? 0)) < 1e-5)
      #expect((got.router == nil) == (expected.load == nil))
      guard let router = got.router, let load = expected.load else { continue }
      #expect(zip(router.load, load).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(abs(router.entropy - (expected.entropy ?? 0)) < 1e-5 && router.nearTies == 0)
    }
  }

  @Test(
    "a swapped pair of tensors of one shape is caught, and the place is named",
    arguments: [
      (
        "jamba-tiny", "feed_forward.experts.0.up_proj.weight",
        "feed_forward.experts.1.up_proj.weight", 1, "hidden_states.2"
      ),
      (
        "zamba-tiny", "shared_transf.feed_forward.gate_proj.weight",
        "shared_transf.feed_forward.up_proj.weight", 7, "layers.2.shared"
      ),
    ])
  func swapped(_ set: String, _ a: String, _ b: String, _ layer: Int, _ capture: String) throws {
    let changed = try ChangedCheckpoint(set) { entries in
      let prefix = "model.layers.\(layer)."
      let first = try #require(entries.firstIndex { $0.name == prefix + a })
      let second = try #require(entries.firstIndex { $0.name == prefix + b })
      let (x, y) = (entries[first], entries[second])
      entries[first] = .init(x.name, x.type, x.dimensions, y.bytes)
      entries[second] = .init(y.name, y.type, y.dimensions, x.bytes)
    }
    // Branches tell more places apart than what was recorded; both are expected.
    let expected = Fixture.path(set, "expected.safetensors")
    let file = set == "jamba-tiny" ? expected : Fixture.path(set, "branches.safetensors")
    let report = try verify(changed.path, input: expected, expecting: file)
    #expect(!report.passed && report.firstDivergence == capture)
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }
}
