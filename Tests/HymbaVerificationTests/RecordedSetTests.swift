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
        "inventory", "numbers", "conventions", "shapes", "outputs", "gates", "causality", "batch independence",
        "decoding", "reference",
      ])
  }

  @Test(
    "every capture that NVIDIA's code computed passes, and so does every check",
    arguments: [
      ("tiny", 23), ("small-sharded", 33), ("options-a", 18), ("options-b", 28), ("options-c", 13),
      ("options-d", 18),
    ])
  func nvidia(_ set: String, _ captures: Int) throws {
    let set = "hymba-nvidia-" + set
    let report = try verify(
      Fixture.folder(set), expecting: Fixture.path(set, "expected.safetensors"))
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == captures && report.notCompared == [])
    #expect(report.comparison.allSatisfy { ($0.maxRelativeError ?? 1) < 1e-5 })
    let logits = try #require(report.comparison.last)
    #expect(logits.capture == "logits" && logits.top1Agreement == 1)
    #expect(abs(logits.klDivergence ?? 1) < 1e-9)
    #expect(report.layers.allSatisfy { $0.fusion != nil && $0.gate == nil })
  }

  @Test("the trained recall sample has the recorded accuracy and cross-entropy")
  func recall() throws {
    let folder = Fixture.root + "/samples/recall-hymba"
    let model = try OpenedModel.open(ModelInput(paths: [folder]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(folder + "/eval.safetensors")
    verification.scoresTokens = true
    let report = try verification.run(model).0
    #expect(report.passed)
    // metrics.json of the sample, by NVIDIA's code on the BF16-rounded weights.
    let score = try #require(report.tokenScore)
    #expect(score.count == 768 && abs(score.accuracy - 0.998_697_916_666_666_6) < 1e-12)
    #expect(abs(score.crossEntropy - 0.003_360_368_627_878_632) < 1e-7)
  }

  @Test("fusion statistics are those of the recorded branches")
  func fusion() throws {
    let set = "hymba-nvidia-tiny"
    let report = try verify(
      Fixture.folder(set), expecting: Fixture.path(set, "expected.safetensors"))
    let recorded = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    for layer in report.layers {
      func values(_ name: String) throws -> [Double] {
        try Tensor("layers.\(layer.index).\(name)", from: recorded).values.map(Double.init)
      }
      func rms(_ x: [Double]) -> Double {
        (x.map { $0 * $0 }.reduce(0, +) / Double(x.count)).squareRoot()
      }
      let fusion = try #require(layer.fusion)
      let (a, m) = (try values("attention_normed"), try values("mamba_normed"))
      let (sizeA, sizeM) = (a.map(abs).reduce(0, +), m.map(abs).reduce(0, +))
      #expect(abs(fusion.attentionRMS - rms(try values("attention"))) < 1e-5)
      #expect(abs(fusion.mambaRMS - rms(try values("mamba"))) < 1e-5)
      #expect(abs(fusion.attentionShare - sizeA / (sizeA + sizeM)) < 1e-6)
      let dot = zip(a, m).map { $0 * $1 }.reduce(0, +)
      #expect(abs(fusion.cosine - dot / (rms(a) * rms(m) * Double(a.count))) < 1e-6)
      #expect((0...1).contains(fusion.gateNearZero))
    }
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
