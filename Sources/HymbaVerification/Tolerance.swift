/// What two computations of one thing may differ by.
///
/// What is not set is the default, or ``noiseFactor`` times what rounding alone does in this model, where that is
/// more; but never more than ``largestError``: a model that rounding moves further than that cannot be judged.
public struct Tolerance: Hashable, Sendable {
  /// Largest error, relative to the largest expected magnitude; nil for the default.
  public var error: Double?
  /// Largest normalised mean squared error; nil for the default.
  public var nmse: Double?

  public init(error: Double? = nil, nmse: Double? = nil) {
    self.error = error
    self.nmse = nmse
  }

  /// Float32 noise stays below 6e-6 in all recorded sets of a few layers; the smallest structural mistake
  /// (another GELU) makes 3e-4.
  public static let defaultError = 2e-5
  public static let defaultNMSE = 1e-10
  /// How many times as far as random rounding another right computation may be off. It sums in another order,
  /// which random rounding of inputs and outputs only resembles. `Tests/Fixtures/reference/noise_factor.py`
  /// measures it.
  package static let noiseFactor = 4.0
  /// What rounding excuses at most: a tenth of what a weight that is off by one percent does where it acts.
  package static let largestError = 1e-3
  /// The same of the NMSE, which goes with the square of the error.
  static let largestNMSE =
    defaultNMSE * (largestError / defaultError) * (largestError / defaultError)

  /// Whether a larger error may be what rounding does.
  var mayYield: Bool { error == nil || nmse == nil }

  /// - Parameter noise: What rounding alone does, relative as the error is; nil where that was not measured.
  func errorBound(noise: Double?) -> Double {
    error ?? Self.bound(Self.defaultError, Self.noiseFactor * (noise ?? 0), Self.largestError)
  }

  /// - Parameter noise: The NMSE that rounding alone makes; nil where that was not measured.
  func nmseBound(noise: Double?) -> Double {
    nmse
      ?? Self.bound(
        Self.defaultNMSE, Self.noiseFactor * Self.noiseFactor * (noise ?? 0), Self.largestNMSE)
  }

  /// Whether rounding alone does more than may be excused.
  func isExhausted(noise: Double?) -> Bool {
    error == nil && !(Self.noiseFactor * (noise ?? 0) <= Self.largestError)
  }

  private static func bound(_ least: Double, _ noise: Double, _ most: Double) -> Double {
    // NaN compares as neither: it excuses nothing.
    noise > least ? min(noise, most) : least
  }
}
