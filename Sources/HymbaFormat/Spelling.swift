/// Guesses at what a misspelt word stands for.
public enum Spelling {
  /// Longer words are no misspelt names, and comparing takes a time that grows with the product of the lengths.
  private static let longest = 64

  /// The known word that is nearest to a misspelt one: at most a quarter of its letters, and one at least, are
  /// added, left out, changed or swapped with their neighbour; else the only one that has it as a part.
  ///
  /// Linear in the number of known words.
  public static func nearest(to word: String, among known: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    guard (1...longest).contains(letters.count) else { return nil }
    let allowed = max(1, letters.count / 4)
    var best: (word: String, distance: Int)?
    var containing: [String] = []
    for other in known where other.utf8.count <= 4 * longest {
      let candidate = Array(other.lowercased())
      if letters.count > 2, other.lowercased().contains(word.lowercased()) {
        containing.append(other)
      }
      guard abs(candidate.count - letters.count) <= allowed else { continue }
      let distance = distance(letters, candidate)
      if distance <= min(allowed, (best?.distance ?? .max) - 1) { best = (other, distance) }
    }
    return best?.word ?? (containing.count == 1 ? containing[0] : nil)
  }

  /// Letters that are added, left out, changed, or swapped with their neighbour.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
