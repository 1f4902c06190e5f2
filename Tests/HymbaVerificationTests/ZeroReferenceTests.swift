import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("References that are zero, or hold next to nothing")
struct ZeroReferenceTests {
  private func compare(_ got: [Float], _ expected: [Float], noise: Double? = nil)
    -> CaptureComparison
  {
    var line = CaptureComparison(
      "c", got: Tensor([1, got.count], got), expected: Tensor([1, expected.count], expected))
    if let noise {
      var difference = Difference()
      difference.largest = noise
      line.judge(by: Tolerance(), noise: difference)
    }
    return line
  }

  @Test("beside zeros the error is judged as it is: at most 2e-5, or what rounding makes")
  func absolute() {
    let near = compare([0, 1e-5], [0, 0])
    #expect(near.passed && near.referenceIsZero && near.nmse == nil)
    #expect(near.maxRelativeError == near.maxAbsError && near.errorBound == 2e-5)
    #expect(compare([0, 0], [0, 0]).passed)
    let far = compare([0, 1e-4], [0, -0.0])
    #expect(far.failed == .error)
    #expect(
      far.reason
        == "its error is 1e-04 beside a reference that is zero throughout, at most 2e-05 is allowed")
    let noisy = compare([0, 1e-4], [0, 0], noise: 5e-5)
    #expect(noisy.passed && noisy.noise == 5e-5 && noisy.errorBound == 2e-4)
    let lost = compare([0, 1e-2], [0, 0], noise: 1e-2)
    #expect(lost.failed == .undetermined)
    #expect(
      lost.reason
        == "its error is 0.01 beside a reference that is zero throughout, but rounding alone makes 0.01: in 32 bits this model does not determine it"
    )
  }

  @Test("values below the smallest normal number count as zeros, and are named")
  func denormal() {
    let line = compare([0, 0], [0, Float(bitPattern: 71362)])
    #expect(line.passed && line.referenceIsZero && line.nmse == nil)
    #expect(line.zeroText == "zero but for values up to 1e-40")
    #expect(!compare([0, 0], [0, .leastNormalMagnitude]).passed)
    #expect(!compare([0, 0], [0, 1e-30]).passed)
  }

  @Test("one value is judged by the error alone, a constant as well")
  func few() {
    #expect(compare([3.000_01], [3]).passed && compare([3.000_01], [3]).nmse == nil)
    #expect(compare([3.001], [3]).failed == .error)
    #expect(compare([1e-6], [0]).passed)
    #expect(compare([2.000_01, 2], [2, 2]).passed && !compare([2.000_01, 2], [2, 2]).referenceIsZero)
  }

  @Test("no value, or none that is a number, is a fault of the reference, not agreement")
  func nothing() {
    let empty = CaptureComparison("c", got: Tensor([1, 0], []), expected: Tensor([1, 0], []))
    #expect(empty.failed == .reference && empty.problem == "the reference holds no value of it")
    let none = compare([1, 2], [.nan, .nan])
    #expect(none.failed == .reference && !none.referenceIsZero)
    #expect(none.problem == "the reference itself holds 2 NaN and 0 infinite of 2 values")
    let got = compare([.nan, 0], [0, 0])
    #expect(got.failed == .error && got.reason == "it holds values that are NaN or infinite")
  }

  @Test("a capture that was recorded as zeros fails by its error, and is not called undetermined")
  func recorded() throws {
    let set = "hymba-nvidia-tiny"
    let source = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    let zeros = ["layers.0.mamba", "layers.0.attention"]
    let changes = try zeros.map { name in
      (name, [UInt8](repeating: 0, count: try #require(source.tensors[name]).byteCount))
    }
    let folder = try TemporaryFolder()
    let path = folder.file("zero.safetensors")
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: Dictionary(uniqueKeysWithValues: changes)), to: path,
      replace: false)
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(path)
    let failing = try verification.run(model).0
    #expect(failing.comparison.filter { !$0.passed }.map(\.capture) == zeros)
    #expect(failing.comparison.filter(\.referenceIsZero).map(\.failed) == [.error, .error])
    verification.tolerance = Tolerance(error: 100, nmse: 1)
    let check = try #require(try verification.run(model).0.checks.last)
    #expect(check.passed && check.name == "reference")
    #expect(
      check.detail.contains(
        "; the reference of layers.0.mamba and 1 more is zero throughout, so that the absolute error counts there: "
      ), "\(check.detail)")
  }
}
