import HymbaConversion
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Options of the originals")
struct OptionSetTests {
  private func verify(_ set: String) throws -> VerificationReport {
    let folder = Fixture.path("options", set)
    let model = try OpenedModel.open(ModelInput(paths: [folder]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(folder + "/expected.safetensors")
    return try verification.run(model).0
  }

  @Test(
    "what the original computes by an option is what is computed here, and every check passes",
    arguments: [
      ("hymba-chain", 9), ("hymba-reuse-every-2", 9), ("hymba-no-mlp", 9), ("hymba-window-0", 9),
      ("jamba-all-attention-bf16-tf4", 9), ("jamba-eps-zero-tf4", 9), ("jamba-head-dim-tf5", 9),
      ("jamba-local-experts-tf5", 9), ("jamba-act-gelu", 6), ("zamba-act-relu-tf4", 10),
      ("zamba-act-gelu-tanh-tf4", 10), ("zamba-kv-absent-tf4", 10), ("zamba-no-hybrid-tf4", 8),
      ("zamba-sharded-tf5", 12), ("zamba-mamba-act-tanh", 6),
    ])
  func option(_ set: String, _ captures: Int) throws {
    let report = try verify(set)
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == captures && report.notCompared == [])
    #expect(report.assumptions == [])
  }

  @Test(
    "a model without a head is computed up to its last hidden state, and that is said",
    arguments: ["jamba-base", "zamba-base"])
  func headless(_ set: String) throws {
    let report = try verify(set)
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.map(\.capture).last == "last_hidden_state")
    #expect(report.comparison.count == 6 && report.notCompared == [])
    #expect(
      report.assumptions == [
        "the checkpoint has no head: what is computed ends with the hidden states after the final norm, and there are no logits"
      ])
  }
}
