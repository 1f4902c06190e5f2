extension String {
  /// The text in ASCII, for a terminal whose locale is not UTF-8. Quotes, dashes and lines become the nearest
  /// ASCII characters. Other characters become `\u{…}`.
  var inASCII: String {
    guard !utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isASCII {
        text.unicodeScalars.append(scalar)
      } else {
        text += Self.substitutes[scalar] ?? "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }

  private static let substitutes: [Unicode.Scalar: String] = [
    "“": "\"", "”": "\"", "‘": "'", "’": "'", "…": "...", "–": "-", "—": "-", "·": ".",
    "×": "x", "−": "-", "→": "->", "≤": "<=", "≥": ">=", "─": "-", "│": "|", "├": "|", "└": "`",
    "\u{A0}": " ",
  ]

  /// The JSON document in ASCII. Other characters only occur in strings, where they become `\u` escapes.
  var jsonInASCII: String {
    guard !utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    return utf16.reduce(into: "") { text, unit in
      if let scalar = Unicode.Scalar(unit), scalar.isASCII {
        text.unicodeScalars.append(scalar)
      } else {
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
  }
}
