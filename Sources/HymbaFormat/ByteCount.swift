extension Int {
  /// The number as a count of bytes for people, in decimal units: `612 B`, `1.53 MB`.
  package var byteText: String {
    guard self >= 1000 else { return "\(self) B" }
    var value = Double(self)
    var unit = ""
    for next in ["kB", "MB", "GB", "TB", "PB"] {
      guard value >= 999.5 else { break }
      value /= 1000
      unit = next
    }
    // The value is rounded once, to three significant digits.
    let digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    let divisor = digits == 2 ? 100 : digits == 1 ? 10 : 1
    let scaled = Int((value * Double(divisor)).rounded())
    let fraction = String(scaled % divisor)
    let padded = String(repeating: "0", count: Swift.max(0, digits - fraction.count)) + fraction
    return "\(scaled / divisor)\(digits > 0 ? "." + padded : "") \(unit)"
  }

  /// The number with commas between groups of three digits: `1,522,797,824`.
  package var groupedText: String {
    var out = ""
    for (position, digit) in String(magnitude).reversed().enumerated() {
      if position > 0 && position % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return (self < 0 ? "-" : "") + String(out.reversed())
  }
}
