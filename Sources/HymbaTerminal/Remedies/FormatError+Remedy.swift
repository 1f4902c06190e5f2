public import HymbaFormat

extension FormatError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    let fact = ([description] + (advice.map { [$0] } ?? [])).joined(separator: "; ")
    return switch self {
    case .outputExists, .partInTheWay: fact + "; pass --force to replace it"
    case .partsMissing: fact + "; make each with --part"
    case .tooManyShards: fact + "; pass a larger --shard-size"
    case .sectionDamaged, .attachmentDamaged:
      fact + "; hymba-verify container lists all that is damaged"
    case .partUnfit(_, let number):
      fact + "; give all parts the same options, write this one again with --part \(number) --force, or name another folder"
    case .base(.missing), .base(.wrong(_, _, _, isNamed: false)): fact + "; name the base with \(words.baseOption)"
    case .base(.chainTooLong):
      fact + "; hymba-convert checkpoints BASE -o WHOLE.hymba makes of a base one that stands alone; take that in its place"
    case .base(.notRelative): fact + "; leave out \(words.baseOption)"
    default: fact
    }
  }
}
