import HymbaConversion
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Hybrids with Mamba-2, and Mamba alone")
struct WiderFamilyTests {
  private func verify(_ path: String, expecting expected: String) throws -> VerificationReport {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(expected)
    return try verification.run(model).0
  }

  @Test(
    "every capture of the original passes with the same best tokens, and so does every check",
    arguments: [
      ("zamba2-tiny", 23), ("zamba2-options", 18), ("falcon-h1-tiny", 15),
      ("falcon-h1-options", 12), ("bamba-tiny", 15), ("bamba-options", 13),
      ("granite-hybrid-tiny", 18), ("granite-hybrid-options", 11), ("nemotron-h-tiny", 18),
      ("nemotron-h-options", 15), ("mamba-tiny", 11), ("mamba-options", 9), ("falcon-mamba-tiny", 11),
      ("falcon-mamba-options", 9), ("mamba2-tiny", 11),
      ("mamba2-options", 9),
    ])
  func recorded(_ set: String, _ captures: Int) throws {
    let report = try verify(
      Fixture.folder(set), expecting: Fixture.path(set, "expected.safetensors"))
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == captures && report.notCompared == [])
    #expect(report.comparison.allSatisfy { ($0.maxRelativeError ?? 1) < 5e-6 })
    let logits = try #require(report.comparison.last)
    #expect(logits.capture == "logits" && logits.top1Agreement == 1)
    // Its heads for further tokens are kept, and nothing computes with them.
    let isCarried = report.checks[0].detail.contains("11 more are kept beside them")
    #expect(isCarried == (set == "nemotron-h-options"))
    #expect(
      report.checks.map(\.name) == [
        "inventory", "numbers", "conventions", "shapes", "outputs", "causality", "batch independence",
        "decoding", "reference",
      ])
    #expect(report.checks.allSatisfy { !$0.detail.contains("left out") })
  }

  @Test(
    "options that no original recorded are computed as the float64 re-computation does",
    arguments: [
      "zamba2-rope-parameters", "zamba2-older-names", "zamba2-default-layers", "falcon-h1-biases",
      "bamba-no-attention", "granite-hybrid-no-layer-types", "granite-hybrid-experts-rope",
      "granite-hybrid-memory-names", "nemotron-h-expert-groups", "nemotron-h-memory-names",
      "mamba2-groups",
    ])
  func recomputed(_ set: String) throws {
    let folder = Fixture.path("recomputed", set)
    let report = try verify(folder, expecting: folder + "/expected.safetensors")
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.last?.capture == "logits" && report.notCompared == [])
  }

  @Test(
    "a BF16 checkpoint in shards verifies as HDF5, as npz and as PyTorch shards too",
    arguments: ["hdf5", "npz", "bin"])
  func doors(_ kind: String) throws {
    let folder = Fixture.path("doors", kind)
    let file = ["hdf5": folder + "/model.h5", "npz": folder + "/model.npz"][kind] ?? folder
    let report = try verify(
      file, expecting: Fixture.path("nemotron-h-options", "expected.safetensors"))
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 15 && report.notCompared == [])
  }
}
