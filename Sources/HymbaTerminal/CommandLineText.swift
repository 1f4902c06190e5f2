/// The words of the command line as they came.
package enum CommandLineText {
  /// Whether all words are UTF-8. Of one that is not, Swift gives a text with U+FFFD in it.
  package static let isUTF8 = (0..<Int(CommandLine.argc)).allSatisfy { index in
    // The system gives as many words as it says, each with a zero at its end.
    guard let word = unsafe CommandLine.unsafeArgv[index] else { return true }
    return unsafe String(validatingCString: word) != nil
  }

  /// Whether a word stands on the command line as it is here.
  package static func isWhole(_ word: String) -> Bool { isUTF8 || !word.unicodeScalars.contains("\u{FFFD}") }
}
