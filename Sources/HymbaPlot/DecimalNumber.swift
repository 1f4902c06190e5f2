#if canImport(Glibc)
  import Glibc
#endif

/// The number digits * 10^exponent. Its text is exact, because it is made from whole digits.
struct DecimalNumber: Hashable {
  var digits: Int
  var exponent: Int

  init(digits: Int, exponent: Int) {
    self.digits = digits
    self.exponent = exponent
  }

  /// The number with the given number of significant digits.
  ///
  /// - Parameter value: A finite number. A magnitude below 1e-300 counts as 0.
  init(_ value: Double, significant: Int = 4) {
    let magnitude = abs(value)
    guard magnitude >= DrawableNumbers.smallest else {
      self.init(digits: 0, exponent: 0)
      return
    }
    let exponent = Int(log10(magnitude).rounded(.down)) - significant + 1
    // A power of ten below 1e-307 is not exact, so small numbers are multiplied.
    let scaled =
      exponent >= 0 ? magnitude / pow(10, Double(exponent)) : magnitude * pow(10, Double(-exponent))
    let digits = Int(scaled.rounded())
    self.init(digits: value < 0 ? -digits : digits, exponent: exponent)
  }

  /// The text without zeros at the end of a fraction: `0.25`, `1200`, `1.5e-06` as `1.5e-6`.
  var text: String {
    guard digits != 0 else { return "0" }
    var digits = Array(String(digits.magnitude))
    var exponent = exponent
    while digits.count > 1, digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    let sign = self.digits < 0 ? "-" : ""
    // The power of ten of the first digit.
    let order = exponent + digits.count - 1
    guard (-4..<6).contains(order) else {
      let fraction = digits.dropFirst()
      return sign + String(digits[0]) + (fraction.isEmpty ? "" : "." + String(fraction))
        + "e\(order)"
    }
    if exponent >= 0 { return sign + String(digits) + String(repeating: "0", count: exponent) }
    let padding = String(repeating: "0", count: max(0, 1 - digits.count - exponent))
    let padded = padding + String(digits)
    return sign + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
  }
}

extension Double {
  /// The number as a tooltip shows it, with four significant digits.
  package var plotText: String {
    guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-inf" : "inf" }
    return DecimalNumber(self).text
  }

  /// A coordinate of a drawing, in steps of a hundredth.
  var coordinate: String {
    DecimalNumber(digits: Int((self * 100).rounded()), exponent: -2).text
  }
}
