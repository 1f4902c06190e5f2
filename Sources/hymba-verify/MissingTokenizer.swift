import HymbaFormat
public import HymbaTerminal
public import HymbaText

/// A checkpoint without a tokenizer where an option needs one.
struct MissingTokenizer: Diagnosis {
  let location: String
  let option: String

  var kind: FailureKind { .noInput }

  var description: String {
    let other = option == "--text" ? ", or ids with --tokens" : ""
    return
      "\(location.printable): \(option) needs a tokenizer, and there is no tokenizer.json beside the checkpoint or in it; give one with --tokenizer\(other)"
  }
}

extension TokenizerError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    switch self {
    case .unknownKind, .unsupported: description + "; make the ids with its own library, and give them with --tokens"
    case .insideGGUF: description + "; give a tokenizer.json with --tokenizer, or ids with --tokens"
    default: description
    }
  }
}
