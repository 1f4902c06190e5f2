extension Limits {
  /// How many times its own size a large file may claim to hold. Trained weights shrink by a third at most;
  /// a zip bomb, or a view that repeats one number, claims a thousand times and more.
  static let expansionRatio = 200

  /// Below this nothing is a bomb: an archive of zeros may be of any ratio.
  package static let unsuspiciousBytes = 1 << 30

  /// Whether a file of `fileBytes` cannot honestly hold `claimed` bytes of tensors.
  package static func isBomb(claimed: Int, fileBytes: Int) -> Bool {
    claimed > unsuspiciousBytes && claimed / expansionRatio > fileBytes
  }

  /// What is said of such a file.
  package static func bombSentence(claimed: Int, fileBytes: Int) -> String {
    "it claims to hold \(claimed) bytes in a file of \(fileBytes), more than \(expansionRatio) times its size; no trained weights do"
  }
}
