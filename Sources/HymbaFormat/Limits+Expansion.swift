extension Limits {
  /// How many times its own size a large file may claim to hold. Compression makes trained weights smaller by a
  /// third at most. A zip bomb, or a view that repeats one number, claims a thousand times its size and more.
  static let expansionRatio = 200

  /// Up to this many claimed bytes, a file is never refused as a bomb: a small archive of zeros may have any
  /// ratio.
  package static let unsuspiciousBytes = 1 << 30

  /// Whether a file of `fileBytes` cannot honestly hold `claimed` bytes of tensors.
  package static func isBomb(claimed: Int, fileBytes: Int) -> Bool {
    claimed > unsuspiciousBytes && claimed / expansionRatio > fileBytes
  }

  /// The error message for such a file.
  package static func bombSentence(claimed: Int, fileBytes: Int) -> String {
    "it claims to hold \(claimed) bytes in a file of \(fileBytes), more than \(expansionRatio) times its size; no trained weights do"
  }
}
