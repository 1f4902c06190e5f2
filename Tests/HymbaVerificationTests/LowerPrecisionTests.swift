import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

/// The references are what the originals' own code gives in these precisions: Tests/Fixtures/low-precision.
@Suite("A reference of a lower precision")
struct LowerPrecisionTests {
  private func report(
    _ set: String, _ precision: String, _ tolerance: Tolerance, folder: String? = nil
  ) throws -> VerificationReport {
    let model = try OpenedModel.open(
      ModelInput(paths: [folder ?? Fixture.folder(set)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(
      Fixture.path("low-precision", "\(set)-\(precision).safetensors"))
    verification.tolerance = tolerance
    verification.checks = [.reference]
    return try verification.run(model).0
  }

  @Test(
    "passes where its precision is named, and not without",
    arguments: [
      ("bamba-tiny", LowerPrecision.bf16), ("bamba-tiny", .f16), ("bamba-tiny", .tf32),
      ("jamba-tiny", .bf16), ("mamba2-tiny", .bf16),
    ])
  func passes(_ set: String, _ precision: LowerPrecision) throws {
    let report = try report(set, precision.rawValue, Tolerance(like: precision))
    #expect(report.comparison.count > 4 && report.passed)
    #expect(
      report.checks.last?.detail.hasPrefix(
        "\(report.comparison.count) captures agree as nearly as a run in \(precision.title) lets them; the largest relative error is "
      ) == true)
    #expect(try !self.report(set, precision.rawValue, Tolerance()).passed)
  }

  @Test("does not pass for a finer one: the criterion is named")
  func finer() throws {
    let report = try report("bamba-tiny", "bf16", Tolerance(like: .f16))
    let first = try #require(report.comparison.first { !$0.passed })
    #expect(first.capture == "hidden_states.1" && first.failed == .nmse)
    // One layer of F16.
    #expect(first.nmseBound == 1e-5 && first.errorBound == 0.015)
    #expect(report.checks.last?.detail.contains("its NMSE is ") == true)
  }

  @Test("does not hide another base of the rotation")
  func wrong() throws {
    let folder = try TemporaryFolder()
    let text = String(
      decoding: try InputFile.contents(of: Fixture.path("bamba-tiny", "config.json"), limit: 1 << 20),
      as: UTF8.self)
    try folder.write(
      text.replacing("{", with: "{\"rope_theta\": 50.0,", maxReplacements: 1),
      to: "config.json")
    try folder.link("model.safetensors", to: Fixture.path("bamba-tiny", "model.safetensors"))
    let report = try report("bamba-tiny", "bf16", Tolerance(like: .bf16), folder: folder.path)
    // Layer 1 is the first with attention.
    #expect(report.comparison.first { !$0.passed }?.capture == "hidden_states.2")
  }

  @Test("bounds that are given hold in place of the precision's")
  func given() throws {
    let report = try report("bamba-tiny", "bf16", Tolerance(error: 1e-6, like: .bf16))
    let first = try #require(report.comparison.first { !$0.passed })
    #expect(first.failed == .error && first.errorBound == 1e-6 && first.nmseBound == 3e-4)
  }

  @Test("allows more in deeper layers and in branches")
  func growth() {
    let bounds = [
      Capture.hiddenStates(0), .hiddenStates(1), .mamba(layer: 0), .hiddenStates(16), .logits,
    ].map { LowerPrecision.bf16.tolerance(of: $0, layers: 64) }
    #expect(bounds.map(\.error) == [0.06, 0.06, 0.24, 0.24, 0.48])
    #expect(bounds[0] == bounds[1] && bounds[2].nmse == 3e-4 * 6)
    #expect(bounds[3].nmse == 3e-4 * 32)
  }
}
