import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

/// A recorded Jamba of 24 layers, whose own float32 is 3.3e-5 from its float64.
@Suite("Models in which rounding carries far")
struct RoundingTests {
  private static let set = "jamba-24-layers"

  private func verify(
    _ path: String = Fixture.folder(set), tolerance: Tolerance = Tolerance(),
    expecting set: String = set
  ) throws -> (report: VerificationReport, stages: Set<String>) {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.tolerance = tolerance
    verification.expected = try Reference(Fixture.path(set, "expected.safetensors"))
    var stages: Set<String> = []
    let report = try verification.run(model) { stage, _, _ in stages.insert(stage) }.0
    return (report, stages)
  }

  @Test("a right model passes, and the report shows what rounding alone makes beside each error")
  func deep() throws {
    let (report, stages) = try verify()
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 55 && stages.contains("rounding"))
    let worst = try #require(report.comparison.max { $0.relative < $1.relative })
    let noise = try #require(worst.noise)
    #expect(worst.relative > 2e-5 && worst.errorBound == 4 * noise, "else this shows nothing")
    #expect(report.comparison.allSatisfy { $0.relative <= 4 * max(5e-6, $0.noise ?? 0) })
    let detail = try #require(report.checks.last).detail
    #expect(
      detail.hasPrefix("55 captures agree; the largest relative error is ")
        && detail.contains("agree as nearly as this model's rounding lets them: that alone makes"),
      "\(detail)")
  }

  @Test("the same seeds give the same report, whatever the number of threads")
  func repeated() throws {
    let noises = try (0..<2).map { _ in try verify().report.comparison.map(\.noise) }
    #expect(noises[0] == noises[1])
  }

  @Test("a tolerance that was given is what counts, and no noise is measured for it")
  func strict() throws {
    let (report, stages) = try verify(tolerance: Tolerance(error: 2e-5, nmse: 1e-10))
    #expect(!report.passed && !stages.contains("rounding"))
    #expect(report.comparison.allSatisfy { $0.noise == nil })
    let first = try #require(report.comparison.first { !$0.passed })
    #expect(first.errorBound == 2e-5 && first.nmseBound == 1e-10)
  }

  @Test("where nothing exceeds the bounds, nothing is spent on noise")
  func clean() throws {
    let (report, stages) = try verify(Fixture.folder("jamba-tiny"), expecting: "jamba-tiny")
    #expect(report.passed && stages == ["weights"])
    #expect(report.comparison.allSatisfy { $0.noise == nil && $0.errorBound == 2e-5 })
  }

  @Test(
    "a tensor that is off by one percent is found in any depth, and where it acts",
    arguments: [
      ("model.embed_tokens.weight", "hidden_states.0"),
      ("model.layers.0.mamba.in_proj.weight", "layers.0.mamba"),
      ("model.layers.6.mamba.conv1d.weight", "layers.6.mamba"),
      ("model.layers.9.feed_forward.router.weight", "layers.9.router"),
      ("model.layers.12.mamba.A_log", "layers.12.mamba"),
      ("model.layers.13.self_attn.k_proj.weight", "layers.13.attention"),
      ("model.layers.18.mamba.dt_layernorm.weight", "layers.18.mamba"),
      ("model.layers.20.mamba.D", "layers.20.mamba"),
      ("model.layers.22.input_layernorm.weight", "layers.22.attention"),
      ("model.layers.23.feed_forward.down_proj.weight", "hidden_states.24"),
      ("model.final_layernorm.weight", "last_hidden_state"), ("lm_head.weight", "logits"),
    ])
  func scaled(_ name: String, _ capture: String) throws {
    let changed = try ChangedCheckpoint(Self.set) { entries in
      let index = try #require(entries.firstIndex { $0.name == name })
      let old = entries[index]
      let values = try Tensor(name, from: MemorySource([old])).values
      entries[index] = .init(
        name, old.type, old.dimensions, values.map { $0 * 1.01 }.littleEndianBytes)
    }
    let report = try verify(changed.path).report
    #expect(report.firstDivergence == capture)
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }

  @Test("two heads that were exchanged are found in the last attention layer")
  func heads() throws {
    let changed = try ChangedCheckpoint(Self.set) { entries in
      let name = "model.layers.22.self_attn.q_proj.weight"
      let index = try #require(entries.firstIndex { $0.name == name })
      let old = entries[index]
      let head = old.bytes.count / 3
      let bytes = old.bytes[head..<2 * head] + old.bytes[0..<head] + old.bytes[(2 * head)...]
      entries[index] = .init(name, old.type, old.dimensions, Array(bytes))
    }
    #expect(try verify(changed.path).report.firstDivergence == "layers.22.attention")
  }

  @Test("noise excuses an error up to a bound; beyond it the model determines nothing")
  func exhausted() {
    // The largest expected value is 1, and errors are of the first value alone.
    func judged(error: Float, noise: Double) -> CaptureComparison {
      let expected = Tensor([4], [1, -1, 1, -1])
      var line = CaptureComparison(
        "c", got: Tensor([4], [1 + error, -1, 1, -1]), expected: expected)
      var difference = Difference()
      difference.largest = noise
      difference.meanSquare = noise * noise
      line.judge(by: Tolerance(), noise: difference)
      return line
    }
    #expect(judged(error: 1e-4, noise: 0).failed == .error)
    #expect(judged(error: 1e-4, noise: 2e-5).failed == .error)
    #expect(judged(error: 1e-4, noise: 3e-5).passed)
    #expect(judged(error: 9e-4, noise: 0.1).passed)
    let beyond = judged(error: 0.01, noise: 0.1)
    #expect(beyond.failed == .undetermined && beyond.errorBound == 1e-3)
    #expect(
      beyond.reason
        == "its error is 0.01 of the largest value, but rounding alone makes 0.1: in 32 bits this model does not determine it"
    )
    #expect(judged(error: 0.01, noise: .nan).failed == .undetermined)
  }
}

extension CaptureComparison {
  fileprivate var relative: Double { maxRelativeError ?? .infinity }
}
