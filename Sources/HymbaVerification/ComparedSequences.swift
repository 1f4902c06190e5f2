/// A comparison that covers fewer sequences than were run.
struct ComparedSequences {
  private let least: Int
  private let most: Int
  private let run: Int

  /// - Parameters:
  ///   - counts: The number of sequences that were compared, for each capture.
  ///   - run: The number of sequences that the model was run on.
  /// - Returns: Nil where every capture covers all sequences, and where nothing was compared.
  init?(_ counts: [Int], of run: Int) {
    guard let least = counts.min(), let most = counts.max(), least < run else { return nil }
    self.least = least
    self.most = most
    self.run = run
  }

  /// The coverage in words: `8 of 64 sequences compared`.
  var words: String {
    "\(least == most ? "\(least)" : "\(least) to \(most)") of \(run) sequences compared"
  }
}
