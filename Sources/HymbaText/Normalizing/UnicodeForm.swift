import Foundation
import HymbaFormat

/// The forms of Unicode's annex 15. The raw values are those of the file.
enum UnicodeForm: String, Sendable {
  case composed = "NFC"
  case decomposed = "NFD"
  case compatibilityComposed = "NFKC"
  case compatibilityDecomposed = "NFKD"

  /// The version of Unicode whose forms the package has. To it, a later character is one that stays as it is and
  /// that nothing joins.
  private static let version = 9

  /// - Parameter text: UTF-8.
  /// - Throws: ``TokenizerError/tooMany(_:limit:)`` for marks in a row.
  /// - Complexity: O(*n*), but for rows of marks and of vowels of Hangul.
  func applied(to text: [UInt8]) throws(TokenizerError) -> [UInt8] {
    // Every form leaves ASCII as it is.
    guard !text.allSatisfy({ $0 < 0x80 }) else { return text }
    let string = String(decoding: text, as: UTF8.self)
    // Foundation sorts the marks of a character in time quadratic in their number.
    guard !string.hasTooManyMarks else { throw .tooMany("combining marks in a row", limit: Limits.combiningMarks) }
    var (result, known): ([UInt8], String.UnicodeScalarView) = ([], .init())
    for scalar in string.unicodeScalars {
      if scalar.value < 0x80 || scalar.isIn(unicode: Self.version) {
        known.append(scalar)
      } else {
        result += applied(toKnown: known)
        result += String(scalar).utf8
        known.removeAll(keepingCapacity: true)
      }
    }
    return result + applied(toKnown: known)
  }

  /// Foundation's forms of compatibility leave marks in a wrong order where a mark is a compatible form, such as that of
  /// half the width. So a canonical form is made of what they give.
  private func applied(toKnown scalars: String.UnicodeScalarView) -> [UInt8] {
    switch self {
    case .composed, .decomposed: return canonical(scalars)
    case .compatibilityComposed, .compatibilityDecomposed:
      var parts = String.UnicodeScalarView()
      // Each character is decomposed by itself, so that any place divides the text.
      for part in Self.pieces(of: scalars, where: { _, _ in true }) {
        parts.append(contentsOf: part.decomposedStringWithCompatibilityMapping.unicodeScalars)
      }
      return canonical(parts)
    }
  }

  private func canonical(_ scalars: String.UnicodeScalarView) -> [UInt8] {
    var result: [UInt8] = []
    for part in Self.pieces(of: scalars, where: { !$1.mayJoin($0) }) {
      switch self {
      case .composed, .compatibilityComposed: result += part.precomposedStringWithCanonicalMapping.utf8
      case .decomposed, .compatibilityDecomposed: result += part.decomposedStringWithCanonicalMapping.utf8
      }
    }
    return result
  }

  /// The fewest characters of a piece. Foundation's forms take time quadratic in the length of a text.
  private static let pieceScalars = 4096

  /// A text in pieces.
  /// - Parameter mayDivide: Whether it may be divided between two characters.
  private static func pieces(
    of scalars: String.UnicodeScalarView, where mayDivide: (Unicode.Scalar, Unicode.Scalar) -> Bool
  ) -> [String] {
    var (pieces, piece, count): ([String], String.UnicodeScalarView, Int) = ([], .init(), 0)
    var last: Unicode.Scalar?
    for scalar in scalars {
      if count >= pieceScalars, let last, mayDivide(last, scalar) {
        pieces.append(String(piece))
        (piece, count) = (.init(), 0)
      }
      piece.append(scalar)
      (last, count) = (scalar, count + 1)
    }
    return pieces + [String(piece)]
  }
}

extension Unicode.Scalar {
  /// Whether a canonical form may join this character with the one before it, or move it before that.
  ///
  /// Those that join others are marks, and the vowels and the ends of syllables of Hangul.
  fileprivate func mayJoin(_ before: Unicode.Scalar) -> Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: break
    }
    let (vowels, ends) = (UInt32(0x1160)...0x11A7, UInt32(0x11A8)...0x11FF)
    if vowels.contains(value) { return !vowels.contains(before.value) && !ends.contains(before.value) }
    if ends.contains(value) { return !ends.contains(before.value) }
    return properties.canonicalCombiningClass != .notReordered
  }
}
