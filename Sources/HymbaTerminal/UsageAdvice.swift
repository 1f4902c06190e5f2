import HymbaFormat

/// What to do instead of what a command line asks for and a tool does not have.
enum UsageAdvice {
  /// - Parameters:
  ///   - sentence: What is wrong with the command line.
  ///   - arguments: The words behind the tool's name.
  /// - Returns: A clause to be put behind the sentence; nil where nothing is known to help.
  static func clause(for sentence: String, of tool: String, _ arguments: [String]) -> String? {
    if let type = quantised(sentence) {
      return
        "llama-quantize of llama.cpp makes \(type.printable) of a .gguf file that was exported as F32 or BF16"
    }
    guard tool == "hymba-verify" else { return nil }
    if ["--text", "--prompt"].contains(where: { sentence.hasPrefix("unknown option '\($0)'") }) {
      return "a text is given with --text, to generate or to forward"
    }
    if arguments.first == "generate", isText(sentence) {
      return "a text that begins with a dash is given with --text"
    }
    if sentence.hasPrefix("unexpected argument"), arguments.first == "generate" {
      return "a text of several words stands between quotation marks"
    }
    let paths = arguments.first == "forward" ? arguments.dropFirst() : arguments[...]
    if sentence.hasPrefix("unexpected argument"), paths.count == 2, !paths.contains(where: { $0.hasPrefix("-") }) {
      return "hymba-inspect diff \(paths.map(\.printable).joined(separator: " ")) shows what differs between two checkpoints"
    }
    return nil
  }

  /// Whether an unknown option may be a text: it has a space, or no option has a name like it.
  private static func isText(_ sentence: String) -> Bool {
    guard sentence.hasPrefix("unknown option '-") else { return false }
    let word = sentence.split(separator: "'", omittingEmptySubsequences: false)[1]
    return word.contains(" ") || !sentence.contains("; did you mean")
  }

  /// The type that `--dtype` names where it is a quantised one that llama.cpp has; nil for any other error.
  private static func quantised(_ sentence: String) -> String? {
    let parts = sentence.split(separator: "'", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[0] == "the value ", parts[3].hasPrefix("--dtype") else { return nil }
    let name = parts[1].uppercased()
    let beginnings = ["Q2_", "Q3_", "Q4_", "Q5_", "Q6_", "Q8_", "IQ", "TQ", "MXFP4", "NVFP4"]
    return beginnings.contains(where: name.hasPrefix) ? name : nil
  }
}
