import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Numbers of Mamba-2")
struct StateSpaceRangeTests {
  /// The check of random weights of one Mamba-2 layer with some tensors changed.
  private func check(
    limits: Architecture.Mamba2.TimeStepLimits?, _ changes: [String: [Float]] = [:]
  ) throws -> Check {
    let architecture = try WiderHybrids.nemotronH.architecture.changed { draft in
      var mamba = WiderHybrids.mamba2
      mamba.timeStepLimits = limits
      draft.layers[0].mixer = .mamba(mamba: .mamba2(mamba))
    }
    let source = try MemorySource(
      copying: try RandomCheckpoint(architecture, seed: 1),
      changing: Dictionary(
        uniqueKeysWithValues: changes.map { ("layers.0.mamba." + $0, $1.littleEndianBytes) }))
    return try NumberCheck(reading: source, architecture, jobs: 1).check
  }

  // softplus(-10), softplus(-3) and softplus(2) by their formula in 64 bits.
  @Test(
    "the time steps are those of the biases alone, within the limits of the model",
    arguments: [
      (nil, "4.54e-05 to 2.127"), (.init(lower: 0.01, upper: nil), "0.01 to 2.127"),
      (.init(lower: 0, upper: 0.09), "4.54e-05 to 0.09"),
      (.init(lower: 3, upper: 4), "3 to 3"),
    ] as [(Architecture.Mamba2.TimeStepLimits?, String)])
  func timeSteps(_ limits: Architecture.Mamba2.TimeStepLimits?, _ steps: String) throws {
    let check = try check(limits: limits, ["dt_bias": [-10, 2, -3, -3]])
    #expect(
      check == Check("numbers", .passed, "all finite; the time step biases alone give \(steps)"))
  }

  @Test("decay rates that no model learns are named with a warning, NaN among them as such")
  func decays() throws {
    let usual = try check(limits: nil, ["A_log": [-16, 0, 2.77, 16]])
    #expect(usual.outcome == .passed && !usual.detail.contains("A_log"))
    let unusual = try check(limits: nil, ["A_log": [-16, 0, 17.5, 0], "dt_bias": [-3, -3, -3, 2]])
    #expect(
      unusual
        == Check(
          "numbers", .warned,
          "all finite; as if no logarithms of decay rates, far from those of any model: layers.0.mamba.A_log (-16 to 17.5); the time step biases alone give 0.04859 to 2.127"
        ))
    #expect(
      try check(limits: nil, ["A_log": [.nan, 0, 99, 0]])
        == Check("numbers", .failed, "NaN or infinite values in layers.0.mamba.A_log"))
  }

  @Test(
    "equal numbers are usual in a fresh model's biases of time steps, A_log, D and gated norms",
    arguments: [
      ("dt_bias", Float(0), 4), ("dt_bias", 1, 4), ("D", 1, 4), ("A_log", 0.5, 4),
      ("norm.weight", 1, 12),
    ])
  func fresh(_ name: String, _ value: Float, _ count: Int) throws {
    let check = try check(limits: nil, [name: [Float](repeating: value, count: count)])
    #expect(check.outcome == .passed, "\(check.detail)")
    #expect(check.detail.contains("; all values equal in layers.0.mamba.\(name) (\(value))"))
  }

  @Test("a gated norm of zeros is a failure, as any norm's")
  func vanished() throws {
    let check = try check(limits: nil, ["norm.weight": [Float](repeating: 0, count: 12)])
    #expect(check.outcome == .failed && check.detail.hasSuffix("layers.0.mamba.norm.weight"))
  }

  @Test("a bias of a router may vanish")
  func routerBias() throws {
    let architecture = try WiderHybrids.nemotronH.architecture
    let source = try MemorySource(
      copying: try RandomCheckpoint(architecture, seed: 1),
      changing: ["layers.3.ffn.router.bias": [UInt8](repeating: 0, count: 6 * 4)])
    let check = try NumberCheck(reading: source, architecture, jobs: 1).check
    #expect(check.outcome == .passed, "\(check.detail)")
  }
}
