extension Unicode.Scalar {
  /// Whether this is a number: a digit, a letter that is a number, or another number sign.
  var isNumeral: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// Whether this is punctuation, as which every sign of ASCII counts.
  ///
  /// The package has the tables of Unicode 8. Two of its characters have other kinds since then.
  var isPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E, 0x166D, 0x111C9: return true
    case ..<0x80: return false
    default: break
    }
    return switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      isIn(unicode: 8)
    default: false
    }
  }

  /// Whether a version of Unicode has this character.
  func isIn(unicode version: Int) -> Bool { properties.age.map { $0.major <= version } ?? false }

  /// Whether this belongs to a word, as Unicode's annex on regular expressions has it.
  var isWordCharacter: Bool {
    if properties.isAlphabetic || properties.isJoinControl { return true }
    return switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation: true
    default: isMark
    }
  }

  /// Whether this is a mark for the step that takes accents away. The package has the tables of Unicode 9 for it. Three of
  /// its characters have other kinds since then.
  var isAccent: Bool {
    switch value {
    case ..<0x80, 0x111C9: false
    case 0x1CF2, 0x1CF3: true
    default: isMark && isIn(unicode: 9)
    }
  }

  /// Whether this joins the character before it.
  var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}
