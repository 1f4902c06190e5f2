import HymbaFormat

/// What is wrong with an external term.
public enum TermProblem: Equatable, Sendable {
  case notATerm(found: UInt8)
  case forbiddenTag(UInt8)
  case endsEarly(wanted: Int, left: Int)
  /// A list, tuple or map that declares more elements than bytes are left.
  case falseCount(String, declared: Int, left: Int)
  case tooDeep(limit: Int)
  case tooManyTerms(limit: Int)
  case improperList
  case duplicateKey(String)
  case notFinite
  case integerTooLarge
  case badSign(UInt8)
  case atomTooLong(limit: Int)
  case notUTF8
  case trailingBytes(Int)
  case unexpected(expected: String, found: String)

  func sentence(_ at: FilePosition) -> String {
    switch self {
    case .notATerm(let found):
      "no external term begins at \(at): the byte there is \(found) instead of 131"
    case .forbiddenTag(let tag):
      "the tag \(tag) (\(TermTag.name(ofForbidden: tag))) at \(at) is not allowed in a checkpoint"
    case .endsEarly(let wanted, let left):
      "the term ends early: \(wanted) bytes were expected at \(at), and \(left) are left"
    case .falseCount(let what, let declared, let left):
      "the \(what) at \(at) declares \(declared) elements, but \(left) bytes are left"
    case .tooDeep(let limit): "the term at \(at) is nested deeper than \(limit) levels"
    case .tooManyTerms(let limit): "at \(at) the term has more than \(limit) values"
    case .improperList: "the list at \(at) does not end with an empty list"
    case .duplicateKey(let key): "the map at \(at) has the key \(key) twice"
    case .notFinite: "the float at \(at) is not a finite number"
    case .integerTooLarge: "the integer at \(at) does not fit in 64 bits"
    case .badSign(let sign): "the integer at \(at) has the sign \(sign), and must have 0 or 1"
    case .atomTooLong(let limit): "the atom at \(at) has more than \(limit) characters"
    case .notUTF8: "the text at \(at) is not UTF-8"
    case .trailingBytes(let count):
      "\(count) bytes after the term, from \(at) on, belong to nothing"
    case .unexpected(let expected, let found): "expected \(expected) at \(at), found \(found)"
    }
  }
}
