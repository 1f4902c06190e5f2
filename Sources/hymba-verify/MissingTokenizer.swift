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
    let inside = location.hasSuffix(".gguf") ? " (that inside a GGUF file is not read)" : ""
    return
      "\(location.printable): \(option) needs a tokenizer, and there is no tokenizer.json beside the checkpoint or in it\(inside); give one with --tokenizer\(other)"
  }
}

extension TokenizerError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    switch self {
    case .unknownKind, .unsupported: description + "; make the ids with its own library, and give them with --tokens"
    default: description
    }
  }
}
