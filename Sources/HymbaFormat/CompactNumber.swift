#if canImport(Glibc)
  import Glibc
#endif

extension Double {
  /// The number with three significant digits in at most eight characters: `0.505`, `-12.5`, `1.2e-5`.
  package var compactText: String {
    guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-inf" : "inf" }
    // Subnormal numbers count as 0, because the power of ten below would not be a normal number either.
    guard abs(self) >= .leastNormalMagnitude else { return "0" }
    let exponent = Int(log10(abs(self)).rounded(.down))
    if (-3..<5).contains(exponent) { return fixed(Swift.max(0, 2 - exponent)) }
    let mantissa = self / pow(10, Double(exponent))
    // Rounding may carry 9.999 over to 10.
    let isCarried = abs(mantissa) >= 9.995
    let digits = abs(exponent) >= 99 ? 1 : 2
    return (isCarried ? mantissa / 10 : mantissa).fixed(digits) + "e\(isCarried ? exponent + 1 : exponent)"
  }

  /// A share in percent: `3%`, `<1%`. It is never rounded to none or to all.
  package var percentText: String {
    let percent = self * 100
    if percent > 0, percent < 1 { return "<1%" }
    if percent < 100, percent > 99 { return ">99%" }
    return "\(Int(percent.rounded()))%"
  }

  /// The number with a fixed number of decimals, without zeros at the end of the fraction.
  private func fixed(_ decimals: Int) -> String {
    let scaled = Int((abs(self) * pow(10, Double(decimals))).rounded())
    let digits = String(scaled)
    let padded = String(repeating: "0", count: Swift.max(0, decimals + 1 - digits.count)) + digits
    var fraction = String(padded.suffix(decimals))
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (self < 0 && scaled > 0 ? "-" : "") + padded.dropLast(decimals)
      + (fraction.isEmpty ? "" : "." + fraction)
  }
}
