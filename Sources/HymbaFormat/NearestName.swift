extension String {
  /// The name that was probably meant by this misspelt one; nil where none is near.
  ///
  /// A name is near when it begins with this text (of three letters or more), or when at most a third of its
  /// letters are wrong: missing, too many, others, or swapped with the next.
  /// - Complexity: O(*n* · *m*) for each name; words of more than 64 characters are near to nothing.
  public func nearest(among names: some Sequence<String>) -> String? {
    let word = Array(lowercased())
    guard word.count <= 64 else { return nil }
    var nearest: (name: String, distance: Int)?
    for name in names {
      let other = Array(name.lowercased())
      let isBeginning = word.count >= 3 && other.starts(with: word)
      let distance = isBeginning ? 1 : Self.distance(word, other)
      guard distance <= Swift.max(1, other.count / 3), distance < nearest?.distance ?? .max else {
        continue
      }
      nearest = (name, distance)
    }
    return nearest?.name
  }

  /// How many letters have to be inserted, removed, replaced or swapped with the next: the distance of
  /// optimal string alignment.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = Swift.min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = Swift.min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
