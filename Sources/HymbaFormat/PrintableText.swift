extension String {
  /// The text with characters that are not seen written as `\u{…}`, so that a name from a file cannot steer a
  /// terminal, break a line or pass for another, and cut where no valid name is longer.
  package var printable: String {
    guard utf8.count <= Limits.nameBytes else {
      return String(unicodeScalars.prefix(Limits.nameBytes / 4)).printable + "…"
    }
    return escaping { "\\u{" + String($0.value, radix: 16) + "}" }
  }

  /// The text with characters that are not seen, but for those that `isKept` says, replaced by what `escape`
  /// makes of them.
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

  /// Whether there are control and format characters, which no tensor's name may have.
  var hasControlCharacters: Bool { unicodeScalars.contains(where: \.isControl) }
}

extension Unicode.Scalar {
  /// Control and format characters, line separators included.
  fileprivate var isControl: Bool {
    // Nearly all text is ASCII; looking up Unicode's tables takes long.
    guard value >= 0x7F else { return value < 0x20 }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// Those, and whatever else leaves no mark: the block of invisible tags, and code points that are no
  /// characters.
  fileprivate var isUnseen: Bool {
    guard value >= 0x7F else { return value < 0x20 }
    return isControl || (0xE0000...0xE0FFF).contains(value) || properties.isNoncharacterCodePoint
  }
}
