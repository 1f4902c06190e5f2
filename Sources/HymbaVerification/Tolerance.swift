import HymbaModel

/// The allowed difference between two computations of the same values.
///
/// A bound that is not set is the default, or `noiseFactor` times the effect of rounding alone in this model
/// where that is more. It is never more than `largestError`, because a model that rounding moves further than
/// that cannot be judged.
public struct Tolerance: Hashable, Sendable {
  /// The largest allowed error, relative to the largest expected magnitude; nil for the default.
  public var error: Double?
  /// The largest allowed normalised mean squared error; nil for the default.
  public var nmse: Double?
  /// The precision in which the reference was computed; nil for 32 bits. It gives the bounds of the comparison
  /// with the reference that are not set here, and none of other checks.
  public var like: LowerPrecision?

  public init(error: Double? = nil, nmse: Double? = nil, like: LowerPrecision? = nil) {
    self.error = error
    self.nmse = nmse
    self.like = like
  }

  /// The tolerance for one capture of a reference.
  ///
  /// - Parameters:
  ///   - capture: The name of the capture.
  ///   - layers: The number of layers of the model.
  func ofReference(_ capture: String, layers: Int) -> Tolerance {
    guard let like else { return self }
    let bounds = like.tolerance(of: Capture(name: capture), layers: layers)
    return Tolerance(error: error ?? bounds.error, nmse: nmse ?? bounds.nmse)
  }

  /// The largest allowed error of any model. Float32 noise stays below 6e-6 in all recorded sets of a few
  /// layers. The smallest structural mistake (another GELU) makes 3e-4.
  public static let defaultError = 2e-5
  public static let defaultNMSE = 1e-10
  /// How many times as large as that of random rounding the error of another correct computation may be. Such a
  /// computation sums in another order, which random rounding of inputs and outputs only approximates.
  /// `Tests/Fixtures/reference/noise_factor.py` measures the factor.
  package static let noiseFactor = 4.0
  /// The largest error that rounding excuses: a tenth of the effect of a weight that is off by one percent, at
  /// the place where it acts.
  package static let largestError = 1e-3
  /// The largest NMSE that rounding excuses. The NMSE grows with the square of the error.
  static let largestNMSE =
    defaultNMSE * (largestError / defaultError) * (largestError / defaultError)

  /// Whether a bound may be raised to allow for rounding.
  var mayYield: Bool { error == nil || nmse == nil }

  /// The largest allowed error, relative to the largest expected magnitude.
  ///
  /// - Parameter noise: The error that rounding alone makes, relative in the same way; nil where it was not
  ///   measured.
  func errorBound(noise: Double?) -> Double {
    error ?? Self.bound(Self.defaultError, Self.noiseFactor * (noise ?? 0), Self.largestError)
  }

  /// The largest allowed NMSE.
  ///
  /// - Parameter noise: The NMSE that rounding alone makes; nil where it was not measured.
  func nmseBound(noise: Double?) -> Double {
    nmse
      ?? Self.bound(
        Self.defaultNMSE, Self.noiseFactor * Self.noiseFactor * (noise ?? 0), Self.largestNMSE)
  }

  /// Whether rounding alone does more than can be excused.
  func isExhausted(noise: Double?) -> Bool {
    error == nil && !(Self.noiseFactor * (noise ?? 0) <= Self.largestError)
  }

  private static func bound(_ least: Double, _ noise: Double, _ most: Double) -> Double {
    // A comparison with NaN is false, so NaN excuses nothing.
    noise > least ? min(noise, most) : least
  }
}
