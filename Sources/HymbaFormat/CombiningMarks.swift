extension String {
  /// Whether the text has more than ``Limits/combiningMarks`` combining marks in a row.
  ///
  /// `==` and hashing sort each run of combining marks, in time quadratic in its length: to compare a crafted
  /// name of 100 MB takes days. So no such text becomes a name, a key or a value that is compared.
  /// - Complexity: O(*n*).
  package var hasTooManyMarks: Bool {
    guard utf8.count > Limits.combiningMarks, !utf8.allSatisfy({ $0 < 0x80 }) else { return false }
    var marks = 0
    for scalar in unicodeScalars {
      marks = scalar.isMark ? marks + 1 : 0
      if marks > Limits.combiningMarks { return true }
    }
    return false
  }
}

extension Unicode.Scalar {
  /// Whether this is a combining mark, which joins the character before it.
  fileprivate var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}
