import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Captures that hardly vary")
struct VarianceTests {
  private func compare(
    _ got: [Float], _ expected: [Float], _ tolerance: Tolerance = Tolerance()
  ) -> CaptureComparison {
    CaptureComparison(
      "layers.1.router", got: Tensor([got.count], got), expected: Tensor([got.count], expected),
      tolerance: tolerance)
  }

  /// Probabilities around a quarter, as far apart as in the recorded set: 1.5e-4 of the largest.
  private let nearUniform: [Float] = [0.250_05, 0.249_95, 0.250_03, 0.249_97]

  @Test("of a nearly uniform router, a last bit is no failure, whatever the NMSE")
  func lastBit() throws {
    let line = compare(nearUniform.map(\.nextUp), nearUniform)
    #expect(line.passed && (line.nmse ?? 0) > 1e-10, "else this shows nothing")
    #expect(line.nmseBound == 1e-10)
  }

  @Test("more than last bits is one, though the error is small beside the values")
  func more() {
    let line = compare(nearUniform.map { $0 + 2e-6 }, nearUniform)
    #expect((line.maxRelativeError ?? 1) < 2e-5 && line.failed == .nmse)
    #expect(line.reason?.hasSuffix(", at most 1e-10 is allowed") == true, "\(line.reason ?? "")")
    let given = compare(nearUniform.map { $0 + 2e-6 }, nearUniform, Tolerance(nmse: 0.1))
    #expect(given.passed && given.nmseBound == 0.1)
  }

  @Test("values that do not vary at all are judged by the error alone, and have no NMSE")
  func constant() {
    let quarters = [Float](repeating: 0.25, count: 4)
    let near = compare([0.250_001, 0.25, 0.25, 0.25], quarters)
    #expect(near.passed && near.nmse == nil)
    let far = compare([0.250_01, 0.25, 0.25, 0.25], quarters)
    #expect(far.failed == .error && far.nmse == nil)
    #expect(compare(quarters, quarters).nmse == 0)
  }

  @Test("the recorded set with nearly uniform routers passes")
  func recorded() throws {
    let set = "jamba-near-uniform"
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(Fixture.folder(set))
    let report = try verification.run(model).0
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 18 && report.notCompared == [])
  }
}
