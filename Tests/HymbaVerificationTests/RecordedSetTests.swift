import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Recorded sets")
struct RecordedSetTests {
  private func verify(
    _ path: String, configuration: String? = nil, expecting expected: String, jobs: Int = 2
  ) throws -> VerificationReport {
    let model = try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration))
    var verification = ForwardVerification(jobs: jobs)
    verification.expected = try Reference(expected)
    return try verification.run(model).0
  }

  @Test(
    "every capture that Edifice recorded passes, and so does every check",
    arguments: [
      ("edifice-hymba-tiny", 9), ("edifice-hymba-small", 17), ("edifice-hymba-same-dim", 13),
    ])
  func edifice(_ set: String, _ captures: Int) throws {
    let report = try verify(
      Fixture.path(set, "model.safetensors"), configuration: Fixture.path(set, "build_opts.json"),
      expecting: Fixture.path(set, "expected.safetensors"))
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == captures && report.firstDivergence == nil)
    #expect(report.comparison.allSatisfy { ($0.maxRelativeError ?? 1) < 5e-6 })
    #expect(report.notCompared == [])
    #expect(
      report.checks.map(\.name) == [
        "inventory", "numbers", "shapes", "gates", "causality", "batch independence", "reference",
      ])
  }

  private struct RecordedGates: Decodable {
    struct Block: Decodable {
      let mean: Double, std: Double, min: Double, max: Double
      let below: Double, above: Double

      enum CodingKeys: String, CodingKey {
        case mean, std, min, max
        case below = "frac_below_0.05"
        case above = "frac_above_0.95"
      }
    }
    let blocks: [Block]
  }

  @Test(
    "gate statistics equal the recorded ones to 1e-5",
    arguments: [
      ("edifice-hymba-tiny", "build_opts.json"), ("edifice-hymba-small", "build_opts.json"),
      ("edifice-hymba-same-dim", "build_opts.json"), ("gated-prepended-tiny", "architecture.json"),
    ])
  func gates(_ set: String, _ configuration: String) throws {
    let report = try verify(
      Fixture.path(set, "model.safetensors"), configuration: Fixture.path(set, configuration),
      expecting: Fixture.path(set, "expected.safetensors"))
    let recorded = try JSONDecoder().decode(
      RecordedGates.self,
      from: Data(
        InputFile.contents(of: Fixture.path(set, "gate_stats.json"), limit: 1 << 20)))
    #expect(report.layers.count == recorded.blocks.count)
    for (layer, block) in zip(report.layers, recorded.blocks) {
      let gate = try #require(layer.gate)
      let pairs = [
        (gate.mean, block.mean), (gate.std, block.std), (gate.min, block.min),
        (gate.max, block.max), (gate.below005, block.below), (gate.above095, block.above),
      ]
      for (got, expected) in pairs { #expect(abs(got - expected) < 1e-5) }
    }
  }

  @Test("the trained sample classifies all 64 windows right and has the recorded gates")
  func sample() throws {
    let report = try verify(
      Fixture.sample("model.nx"), expecting: Fixture.sample("eval.safetensors"))
    #expect(report.passed)
    #expect(report.classification == Classification(correct: 64, count: 64))
    // metrics.json of the sample, by the PyTorch port that trained it.
    let means = [0.5054411528948597, 0.49161488355863536, 0.45125182085921495]
    let shares = [0.19101969401041666, 0.18450927734375, 0.14890543619791666]
    for (layer, (mean, share)) in zip(report.layers, zip(means, shares)) {
      let gate = try #require(layer.gate)
      #expect(abs(gate.mean - mean) < 1e-5 && abs(gate.above095 - share) < 1e-5)
      #expect(layer.outputShape == [64, 24, 32])
    }
  }
}
