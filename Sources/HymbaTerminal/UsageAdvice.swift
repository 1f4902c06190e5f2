import HymbaFormat

/// What to do instead of what a command line asks for and a tool does not have.
enum UsageAdvice {
  /// - Parameters:
  ///   - sentence: What is wrong with the command line.
  ///   - arguments: The words behind the tool's name.
  /// - Returns: A clause to be put behind the sentence; nil where nothing is known to help.
  static func clause(for sentence: String, of tool: String, _ arguments: [String]) -> String? {
    guard tool == "hymba-verify" else { return nil }
    if ["--text", "--prompt"].contains(where: { sentence.hasPrefix("unknown option '\($0)'") }) {
      return "a text is given with --text, to generate or to forward"
    }
    let paths = arguments.first == "forward" ? arguments.dropFirst() : arguments[...]
    if sentence.hasPrefix("unexpected argument"), paths.count == 2, !paths.contains(where: { $0.hasPrefix("-") }) {
      return "hymba-inspect diff \(paths.map(\.printable).joined(separator: " ")) shows what differs between two checkpoints"
    }
    return nil
  }
}
