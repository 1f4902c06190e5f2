#if canImport(Glibc)
  import Glibc
#endif

extension Double {
  /// The number with four significant digits: `0.5054`, `12.5`, `1.2e-05`.
  package var shortText: String {
    guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-inf" : "inf" }
    // Subnormal numbers count as 0, because the power of ten below would not be a normal number either.
    guard abs(self) >= .leastNormalMagnitude else { return "0" }
    let exponent = Int(log10(abs(self)).rounded(.down))
    guard (-4..<6).contains(exponent) else {
      // Rounding may carry 9.9999 over to 10.
      let mantissa = (self / pow(10, Double(exponent)) * 1000).rounded() / 1000
      let (m, e) = abs(mantissa) >= 10 ? (mantissa / 10, exponent + 1) : (mantissa, exponent)
      return
        "\(m.fixedText(3, trimmed: true))e\(e < 0 ? "-" : "+")\(abs(e) < 10 ? "0" : "")\(abs(e))"
    }
    return fixedText(max(0, 3 - exponent), trimmed: true)
  }

  /// The share in percent; `-` for NaN, the share of nothing.
  package func percentText(_ decimals: Int) -> String {
    isNaN ? "-" : (self * 100).fixedText(decimals) + " %"
  }

  /// The number with a fixed number of decimals. Numbers that need more than 15 digits become their
  /// ``shortText``.
  ///
  /// - Parameter trimmed: Whether zeros at the end of the fraction are removed.
  package func fixedText(_ decimals: Int, trimmed: Bool = false) -> String {
    let shifted = abs(self) * pow(10, Double(decimals))
    guard isFinite, shifted < 1e15 else { return shortText }
    let scaled = Int(shifted.rounded())
    let digits = String(scaled)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let whole = padded.dropLast(decimals)
    var fraction = String(padded.suffix(decimals))
    if trimmed { while fraction.hasSuffix("0") { fraction.removeLast() } }
    return (self < 0 && scaled > 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
  }
}
