import HymbaFormat

/// What is wrong with a zlib stream.
public enum ZlibProblem: Equatable, Sendable {
  /// zlib finds damage, such as a wrong Adler-32. The text is zlib's own.
  case damaged(String)
  /// The file ends before the stream does.
  case cutShort
  /// The stream is complete, but holds less than the tree declares.
  case tooFewBytes(found: Int, expected: Int)
  case tooManyBytes(expected: Int)
  /// The tensors need more than any stream of this length can hold.
  case impossibleSize(declared: Int, limit: Int)
  case trailingBytes(Int)
  case outOfMemory
}

extension ZlibProblem {
  /// Damaged data is wrong, as in a zip archive. Sizes that do not fit the file make it unreadable.
  var kind: FailureKind {
    switch self {
    case .damaged, .tooFewBytes, .tooManyBytes: .wrong
    case .outOfMemory: .inputOutput
    case .cutShort, .impossibleSize, .trailingBytes: .unreadable
    }
  }
}

extension ZlibProblem: CustomStringConvertible {
  /// The rest of a sentence that begins “the zlib stream at byte N …”.
  public var description: String {
    switch self {
    case .damaged(let why): "is damaged: \(why)"
    case .cutShort: "is cut short by the end of the file"
    case .tooFewBytes(let found, let expected):
      "ends after \(found) inflated bytes, and \(expected) are needed"
    case .tooManyBytes(let expected):
      "inflates to more than the \(expected) bytes that the tree declares"
    case .impossibleSize(let declared, let limit):
      "should hold \(declared) bytes of tensors, but one of its length holds at most \(limit)"
    case .trailingBytes(let count): "is followed by \(count) bytes that belong to nothing"
    case .outOfMemory: "cannot be read: zlib has no memory"
    }
  }
}
