/// What is wrong with the base of a container, or with the wish for one.
public enum BaseProblem: Equatable, Sendable, CustomStringConvertible {
  /// Nothing is at the path at which the base was looked for.
  case missing(String)
  /// The file has another fingerprint than the base must have.
  case wrong(expected: String, path: String, found: String)
  case chainTooLong
  /// A base was named for a container that has none.
  case notRelative
  /// The source has other bytes than when it was compared with the base.
  case sourceChanged(tensor: String)

  var kind: FailureKind {
    switch self {
    case .missing: .noInput
    case .wrong, .chainTooLong: .unreadable
    case .notRelative: .usage
    case .sourceChanged: .inputOutput
    }
  }

  public var description: String {
    switch self {
    case .missing(let path):
      "it is relative to a base, which was looked for at \(path.printable) and is not there"
    case .wrong(let expected, let path, let found):
      "it is relative to a base with the fingerprint \(expected), and \(path.printable) has \(found)"
    case .chainTooLong:
      "it is one of more than \(Limits.chainedContainers) containers, each relative to the next one, or leads back to itself"
    case .notRelative: "it stands alone and is relative to no base"
    case .sourceChanged(let tensor):
      "the tensor “\(tensor.printable)” changed while it was read, so nothing was kept"
    }
  }
}
