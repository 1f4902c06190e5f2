import HymbaFormat

extension Limits {
  /// Entries of one zip archive. PyTorch writes one for each storage: 100 000 tensors and a few more.
  static let zipEntries = 1 << 17

  /// How many times its own size a large file may claim to hold. Trained weights shrink by a third at most;
  /// a zip bomb, or a view that repeats one number, claims a thousand times and more.
  static let expansionRatio = 200

  /// Below this nothing is a bomb: an archive of zeros may be of any ratio.
  static let unsuspiciousBytes = 1 << 30

  /// Entries that are open at once, for reads that do not come in order. One takes 50 kB.
  static let openEntries = 8

  /// Pieces of one entry that wait for what lies between them before their checksum can be compared. Threads
  /// that share out an entry leave as many gaps as there are threads.
  static let checksumPieces = 64

  /// Bytes of a stored entry that are read at once where only its checksum is wanted.
  static let checkWindowBytes = 1 << 20
}

extension Limits {
  /// Whether a file of `fileBytes` cannot honestly hold `claimed` bytes of tensors.
  static func isBomb(claimed: Int, fileBytes: Int) -> Bool {
    claimed > unsuspiciousBytes && claimed / expansionRatio > fileBytes
  }

  /// What is said of such a file.
  static func bombSentence(claimed: Int, fileBytes: Int) -> String {
    "it claims to hold \(claimed) bytes in a file of \(fileBytes), more than \(expansionRatio) times its size; no trained weights do"
  }
}
