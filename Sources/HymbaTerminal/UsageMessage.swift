import ArgumentParser

/// The message for a command line that cannot be understood: one sentence like every other error, then how the
/// command is used.
struct UsageMessage {
  let lines: [String]

  /// - Parameters:
  ///   - text: The message of the argument parser, `Error: Sentence.` and lines of help.
  ///   - arguments: The words behind the tool's name.
  init(_ text: String, for tool: any ParsableCommand.Type, _ arguments: [String]) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let first = lines.first {
      let sentence = Self.sentence(first)
      let advice = UsageAdvice.clause(for: sentence, of: ToolRun.name(tool), arguments)
      // Advice that fits the case takes the place of an option whose name is alike.
      let fact = sentence.firstRange(of: "; did you mean").map { String(sentence[..<$0.lowerBound]) } ?? sentence
      lines[0] = "error: " + (advice.map { "\(fact); \($0)" } ?? sentence)
    }
    self.lines = lines
  }

  private static func sentence(_ text: String) -> String {
    var text = text
    if text.hasPrefix("Error: ") { text.removeFirst("Error: ".count) }
    for (second, clause) in [
      (". Did you mean", "; did you mean"), (". Please provide one of", "; expected one of"),
    ] {
      if let range = text.firstRange(of: second) { text.replaceSubrange(range, with: clause) }
    }
    if text.hasSuffix(".") { text.removeLast() }
    // A word in capitals, such as the name of an option's value, stays as it is.
    let second = text.dropFirst().first
    guard let first = text.first, second?.isUppercase != true else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
