/// A word that begins with a dash and is no option: a text, or the name of a file. The argument parser would take it for
/// several options of one letter, so that an h in it would ask for help.
enum DashedWord {
  /// - Parameter arguments: The words behind the tool's name.
  /// - Returns: The first such word that is not the value of an option before it.
  static func first(in arguments: [String]) -> String? {
    let words = arguments.prefix { $0 != "--" }
    return zip([""] + words, words).first { before, word in
      isNoOption(word) && (!before.hasPrefix("-") || flags.contains(before))
    }?.1
  }

  private static func isNoOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), !word.hasPrefix("--"), word != "-help" else { return false }
    let name = word.dropFirst()
    return name.count > 1 && !name.dropFirst().hasPrefix("=") && !name.allSatisfy { letters.contains($0) }
  }

  /// The options of one letter.
  private static let letters = "hjnopq"
  /// The flags beside which a word may stand.
  private static let flags = ["-q", "--quiet", "--json"]
}
