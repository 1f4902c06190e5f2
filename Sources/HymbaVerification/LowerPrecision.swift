#if canImport(Glibc)
  import Glibc
#endif
import HymbaModel

/// A precision in which a reference was computed, lower than that of the verification. It decides how far a
/// correct reference may be from a computation in 32 bits.
///
/// An NMSE may be four times, an error twice the largest that `Tests/Fixtures/reference/low_precision.py` measured
/// with the originals' own code on models of up to 48 layers: docs/comparing-with-gpu.md has the table. Rounding
/// adds up from layer to layer like random steps, and later layers amplify it. So the bounds grow with the number
/// of layers that a capture has behind it.
public enum LowerPrecision: String, Sendable, CaseIterable {
  /// Everything is rounded to BF16 between operations: 7 bits of fraction.
  case bf16
  /// Everything is rounded to F16 between operations: 10 bits of fraction.
  case f16
  /// F32, but the two sides of each matrix product are rounded to 10 bits of fraction.
  case tf32

  public var title: String { rawValue.uppercased() }

  /// The largest allowed error after one layer, relative to the largest expected magnitude.
  private var error: Double {
    switch self {
    case .bf16: 0.06
    case .f16: 0.015
    case .tf32: 0.0075
    }
  }

  /// The largest allowed NMSE after one layer.
  private var nmse: Double {
    switch self {
    case .bf16: 3e-4
    case .f16: 1e-5
    case .tf32: 1.2e-6
    }
  }

  /// The bounds for a capture.
  ///
  /// - Parameter layers: The number of layers of the model.
  func tolerance(of capture: Capture?, layers: Int) -> Tolerance {
    let depth: Int
    var isBranch = true
    switch capture {
    case .hiddenStates(let index): (depth, isBranch) = (index, false)
    case .attention(let layer), .mamba(let layer), .gate(let layer), .attentionNormed(let layer),
      .mambaNormed(let layer), .mambaGate(let layer), .attentionWeights(let layer, _),
      .router(let layer), .shared(let layer):
      depth = layer + 1
    case .logits, .lastHiddenState, .output, nil: (depth, isBranch) = (layers, false)
    }
    // A branch has less to show beside its rounding than the stream, to which it is added.
    let steps = Double(max(1, depth))
    return Tolerance(
      error: error * steps.squareRoot() * (isBranch ? 4 : 1),
      nmse: nmse * pow(steps, 1.25) * (isBranch ? 6 : 1))
  }
}
