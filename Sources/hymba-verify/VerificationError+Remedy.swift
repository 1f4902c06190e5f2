public import HymbaTerminal
public import HymbaVerification

extension VerificationError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    switch self {
    case .noCaptures(_, _, let hasInput, _):
      description + ", as --save-outputs writes them" + (hasInput ? "; --input takes an input alone" : "")
    case .notAContainer: description + "; leave container out of --checks"
    case .argument(let error): error.sentence(words)
    case .attention: "--attention: " + description
    default: description
    }
  }
}
