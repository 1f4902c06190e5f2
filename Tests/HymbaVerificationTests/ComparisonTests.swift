import HymbaFormat
import HymbaModel
import Testing

@testable import HymbaVerification

@Suite("Comparison of one capture")
struct ComparisonTests {
  private func compare(_ got: [Float], _ expected: [Float], tolerance: Double? = nil)
    -> CaptureComparison
  {
    CaptureComparison(
      "c", got: Tensor([got.count], got), expected: Tensor([expected.count], expected),
      tolerance: Tolerance(error: tolerance))
  }

  @Test("NMSE is the mean squared error over the variance of the expected values")
  func nmse() throws {
    // Errors 0.5 and 0: MSE 0.125. Expected 1 and 3: variance 1.
    let line = compare([1.5, 3], [1, 3])
    #expect(line.nmse == 0.125 && line.maxAbsError == 0.5)
    #expect(abs(try #require(line.maxRelativeError) - 0.5 / 3) < 1e-12 && !line.passed)
  }

  @Test("the bound is relative to the largest expected magnitude, NMSE bounds it too")
  func bounds() {
    let flat: [Float] = [1, 1.0001, 1]
    #expect(compare([1, 1.0001, 1], flat).passed)
    #expect(
      !compare([1.00001, 1.0001, 1], flat).passed, "the NMSE of a nearly flat capture is strict")
    #expect(compare([-100, 100.001], [-100, 100]).passed)
    #expect(!compare([-100, 100.003], [-100, 100]).passed)
    #expect(!compare([-100, 100.001], [-100, 100], tolerance: 1e-6).passed)
  }

  @Test("NaN never passes", arguments: [[Float.nan, 2], [1, Float.infinity]])
  func nan(_ got: [Float]) {
    let line = compare(got, [1, 2])
    #expect(!line.passed && line.nmse == nil && line.maxAbsError == nil)
  }

  @Test("fewer expected rows are compared with the leading ones, other shapes are told")
  func rows() {
    let got = Tensor([2, 2], [1, 2, 3, 4])
    #expect(
      CaptureComparison(
        "c", got: got, expected: Tensor([1, 2], [1, 2]), tolerance: Tolerance(error: 0)
      ).passed)
    #expect(
      !CaptureComparison(
        "c", got: got, expected: Tensor([1, 2], [3, 4]), tolerance: Tolerance(error: 0)
      ).passed)
    let wrong = CaptureComparison(
      "c", got: got, expected: Tensor([2, 1], [1, 3]), tolerance: Tolerance(error: 1))
    #expect(!wrong.passed && wrong.problem == "its shape is [2, 2], the reference has [2, 1]")
    #expect(
      !CaptureComparison(
        "c", got: got, expected: Tensor([3, 2], [1, 2, 3, 4, 5, 6]), tolerance: Tolerance(error: 9)
      ).passed)
  }

  @Test(
    "numbers are printed with four significant digits",
    arguments: [
      (0, "0"), (0.5054, "0.5054"), (12.5, "12.5"), (1234.6, "1235"), (9.99996e-5, "1e-04"),
      (-0.00025, "-0.00025"), (1.2344e-7, "1.234e-07"), (1e9, "1e+09"), (.nan, "NaN"),
    ] as [(Double, String)])
  func text(_ value: Double, _ text: String) { #expect(value.shortText == text) }
}

@Suite("Invariants")
struct InvariantTests {
  @Test("a gate outside of [0, 1] or not a number is no gate")
  func gate() {
    #expect(GateStatistics(Tensor([2], [0, 1])).isWithinUnitInterval)
    #expect(!GateStatistics(Tensor([2], [0, 1.01])).isWithinUnitInterval)
    #expect(!GateStatistics(Tensor([2], [.nan, 0.5])).isWithinUnitInterval)
  }

  @Test("statistics of a gate are those of its values, shares strict")
  func statistics() {
    let gate = GateStatistics(Tensor([4], [0, 0.05, 0.95, 1]))
    #expect(abs(gate.mean - 0.5) < 1e-7 && gate.min == 0 && gate.max == 1)
    #expect(abs(gate.std - ((0.25 + 0.2025 + 0.2025 + 0.25) / 4.0).squareRoot()) < 1e-7)
    #expect(gate.below005 == 0.25 && gate.above095 == 0.25)
  }
}
