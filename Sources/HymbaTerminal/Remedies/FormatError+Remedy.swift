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
    case .base(.missing), .base(.wrong): fact + "; name the base with \(words.baseOption)"
    case .base(.notRelative): fact + "; leave out \(words.baseOption)"
    default: fact
    }
  }
}
