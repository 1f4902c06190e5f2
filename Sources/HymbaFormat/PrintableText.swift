extension String {
  /// The text as a message shows it. Invisible characters are written as `\u{…}`, so that a name from a file
  /// cannot control a terminal, break a line or look like another name. A text that is longer than any valid
  /// name is cut.
  package var printable: String {
    guard utf8.count <= Limits.nameBytes else {
      return String(unicodeScalars.prefix(Limits.nameBytes / 4)).printable + "…"
    }
    return escaping { "\\u{" + String($0.value, radix: 16) + "}" }
  }

  /// The text with each invisible character replaced by the result of `escape`, except those for which `isKept`
  /// is true.
  package func escaping(
    keeping isKept: (Unicode.Scalar) -> Bool = { _ in false }, _ escape: (Unicode.Scalar) -> String
  ) -> String {
    let isPlain = utf8.allSatisfy {
      (0x20..<0x7F).contains($0) || $0 < 0x20 && isKept(Unicode.Scalar($0))
    }
    guard !isPlain else { return self }
    var out = ""
    for scalar in unicodeScalars {
      if scalar.isUnseen && !isKept(scalar) {
        out += escape(scalar)
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// Whether the text has control or format characters. No tensor's name may have them.
  package var hasControlCharacters: Bool { unicodeScalars.contains(where: \.isControl) }
}

extension Unicode.Scalar {
  /// Whether this is a control or format character, or a line or paragraph separator.
  fileprivate var isControl: Bool {
    // Nearly all text is ASCII, and a look-up in Unicode's tables is slow.
    guard value >= 0x7F else { return value < 0x20 }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// Whether this is invisible: a control or format character, one of the block of invisible tags, or a code
  /// point that is no character.
  fileprivate var isUnseen: Bool {
    guard value >= 0x7F else { return value < 0x20 }
    return isControl || (0xE0000...0xE0FFF).contains(value) || properties.isNoncharacterCodePoint
  }
}
