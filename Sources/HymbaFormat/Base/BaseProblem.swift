/// What is wrong with the base of a container, or with the wish for one.
public indirect enum BaseProblem: Equatable, Sendable, CustomStringConvertible {
  /// Nothing is at the path at which the base was looked for.
  case missing(String)
  /// The file has another fingerprint than the base must have. A user named it, or it was found beside the container.
  case wrong(expected: String, path: String, found: String, isNamed: Bool)
  /// What is wrong with the base of a container that is a base itself. It is looked for beside that one alone.
  case ofBase(BaseProblem)
  case chainTooLong
  /// The file at this path is needed to read itself.
  case cycle(String)
  /// A base was named for a container that has none.
  case notRelative
  /// The source has other bytes than when it was compared with the base.
  case sourceChanged(tensor: String)

  var kind: FailureKind {
    switch self {
    case .missing: .noInput
    case .wrong, .chainTooLong, .cycle: .unreadable
    case .ofBase(let problem): problem.kind
    case .notRelative: .usage
    case .sourceChanged: .inputOutput
    }
  }

  public var description: String {
    switch self {
    case .missing(let path):
      "it is relative to a base, which was looked for at \(path.printable) and is not there"
    case .wrong(let expected, let path, let found, _):
      "it is relative to a base with the fingerprint \(expected), and \(path.printable) has \(found)"
    case .ofBase(.missing(let path)):
      "this base is relative to a base itself, which must lie beside it, and \(path.printable) is not there"
    case .ofBase(let problem): problem.description
    case .chainTooLong:
      "a chain of more than \(Limits.chainedContainers) containers, each relative to the next one, is not read"
    case .cycle(let path): "it leads back to itself: \(path.printable) is needed to read \(path.printable)"
    case .notRelative: "it stands alone and is relative to no base"
    case .sourceChanged(let tensor):
      "the tensor “\(tensor.printable)” changed while it was read, so nothing was kept"
    }
  }
}
