/// Conversion between `Double` and the bit patterns of narrower IEEE 754 formats: sign, exponent, mantissa.
///
/// A format has E exponent bits, M mantissa bits and the bias 2^(E − 1) − 1. Let x be the exponent field and m
/// the mantissa field. With x > 0 the number is (1 + m / 2^M) · 2^(x − bias). With x = 0 it is m / 2^M · 2^(1 −
/// bias). The largest x stands for infinity (m = 0) and for NaN.
enum SmallFloat {
  private static let doubleMantissaBits = 52
  private static let doubleBias = 1023
  private static let doubleInfinity: UInt64 = 0x7FF << 52

  /// The exact value of a bit pattern.
  @inline(__always)
  static func widened(_ word: UInt64, exponentBits: Int, mantissaBits: Int) -> Double {
    let largest = UInt64(1) &<< UInt64(exponentBits) &- 1
    let bias = Int(largest >> 1)
    let sign = (word &>> UInt64(exponentBits &+ mantissaBits)) &<< 63
    let exponent = word &>> UInt64(mantissaBits) & largest
    let mantissa = word & (UInt64(1) &<< UInt64(mantissaBits) &- 1)
    let fraction = mantissa &<< UInt64(doubleMantissaBits &- mantissaBits)
    if exponent == largest {
      // The quiet bit makes every NaN quiet, as the processor's own conversions do.
      let quiet: UInt64 = mantissa == 0 ? 0 : 1 << 51
      return Double(bitPattern: sign | doubleInfinity | quiet | fraction)
    }
    if exponent == 0 {
      let step = UInt64(doubleBias &+ 1 &- bias &- mantissaBits) &<< 52
      let magnitude = Double(mantissa) * Double(bitPattern: step)
      return Double(bitPattern: sign | magnitude.bitPattern)
    }
    let rebased = UInt64(Int(exponent) &- bias &+ doubleBias) &<< 52
    return Double(bitPattern: sign | rebased | fraction)
  }

  /// The bit pattern of the nearest number, ties to even.
  @inline(__always)
  static func rounded(_ value: Double, exponentBits: Int, mantissaBits: Int) -> UInt64 {
    let largest = 1 &<< exponentBits &- 1
    let infinity = UInt64(largest) &<< UInt64(mantissaBits)
    let dropped = UInt64(doubleMantissaBits &- mantissaBits)
    let sign = (value.bitPattern &>> 63) &<< UInt64(exponentBits &+ mantissaBits)
    let magnitude = value.bitPattern & (UInt64.max &>> 1)
    if magnitude > doubleInfinity {
      let payload = magnitude &>> dropped & (UInt64(1) &<< UInt64(mantissaBits) &- 1)
      return sign | infinity | UInt64(1) &<< UInt64(mantissaBits &- 1) | payload
    }
    let exponent = Int(magnitude &>> 52) &- doubleBias &+ largest >> 1
    if exponent >= largest { return sign | infinity }
    let fraction = magnitude & (UInt64(1) << 52 &- 1)
    // Rounding may carry out of the mantissa. The sum is then the next exponent, or infinity.
    if exponent > 0 {
      return sign | shifted(UInt64(exponent) &<< 52 | fraction, right: dropped)
    }
    // Below the smallest normal number the step no longer shrinks, so more bits are dropped. Where 54 or more
    // are dropped, the number is below half a step.
    let below = dropped &+ UInt64(1 &- exponent)
    return below > 53 ? sign : sign | shifted(UInt64(1) << 52 | fraction, right: below)
  }

  /// `bits` / 2^count, rounded to the nearest whole number, ties to even.
  @inline(__always)
  private static func shifted(_ bits: UInt64, right count: UInt64) -> UInt64 {
    let half = UInt64(1) &<< (count &- 1)
    let last = bits &>> count & 1
    return (bits &+ half &- 1 &+ last) &>> count
  }
}
