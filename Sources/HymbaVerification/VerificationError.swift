public import HymbaFormat
public import HymbaModel

/// Why a verification cannot begin with what it was given.
public enum VerificationError: Diagnosis, Equatable {
  /// A folder in which no file is the one that is meant; one of its files may be.
  case folder(Reference.Role, candidate: String?)
  case json(Reference.Role)
  /// A file in which nothing is a capture, with some of the names that it has.
  case noCaptures(names: [String], count: Int, hasInput: Bool, meant: String?)
  /// An argument of the command that the model cannot have.
  case argument(ModelError)

  public var kind: FailureKind {
    switch self {
    case .folder, .json: .unreadable
    case .noCaptures: .wrong
    case .argument: .usage
    }
  }

  public var description: String {
    switch self {
    case .folder(let role, let candidate):
      "this is a folder without “\(Reference.fileName)”; name the file with the \(role.rawValue)"
        + (candidate.map { ", such as “\($0.printable)” in it" } ?? "")
    case .json(let role):
      "this is a text in JSON; name the file with the \(role.rawValue), in safetensors"
    case .noCaptures(let names, let count, let hasInput, let meant):
      Self.found(names, count, hasInput: hasInput)
        + (meant.map { " (did you mean \($0)?)" } ?? "")
        + "; what the model should compute goes by names like “hidden_states.1” and “logits”"
    case .argument(let error): error.description
    }
  }

  private static func found(_ names: [String], _ count: Int, hasInput: Bool) -> String {
    guard let first = names.first else {
      return hasInput ? "it holds an input and no captures" : "it holds no captures"
    }
    let others = count > 1 ? " and \(count - 1) more" : ""
    let isWeight = names.contains { name in weightNames.contains { name.hasSuffix($0) } }
    return isWeight
      ? "it holds weights, “\(first.printable)”\(others), and no captures"
      : "it holds no captures, but “\(first.printable)”\(others)"
  }

  private static let weightNames = [".weight", ".bias", ".kernel", ".scale", ".A_log"]
}
