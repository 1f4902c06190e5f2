extension String {
  /// Whether there are more than ``Limits/combiningMarks`` combining marks in a row.
  ///
  /// `==` and hashing sort each run of them, in a time that grows with the square of its length: comparing a
  /// crafted name of 100 MB takes days. So no such text becomes a name, a key or a value that is compared.
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
  /// Combining marks, which join the character before them.
  fileprivate var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}
