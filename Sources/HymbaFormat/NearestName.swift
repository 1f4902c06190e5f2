extension String {
  /// The name that was probably meant by this misspelt one; nil where none is near.
  ///
  /// A name is near when it begins with this text (of three letters or more), or when at most a third of its
  /// letters are wrong: missing, too many, others, or swapped with the next. Of two names with an ending behind a
  /// dot both parts must be near: that all weights end in `.safetensors` says nothing of which were meant.
  /// - Complexity: O(*n* · *m*) for each name; words of more than 64 characters are near to nothing.
  package func nearest(among names: some Sequence<String>) -> String? {
    let word = Array(lowercased())
    guard word.count <= 64 else { return nil }
    var nearest: (name: String, distance: Int)?
    for name in names {
      guard let distance = Self.nearness(word, Array(name.lowercased())),
        distance < nearest?.distance ?? .max
      else { continue }
      nearest = (name, distance)
    }
    return nearest?.name
  }

  /// How far a name is from a word; nil when it is not near.
  private static func nearness(_ word: [Character], _ name: [Character]) -> Int? {
    if word.count >= 3, name.starts(with: word) { return name == word ? 0 : 1 }
    guard let dot = word.lastIndex(of: "."), let other = name.lastIndex(of: ".") else {
      return difference(word[...], name[...])
    }
    guard let stems = difference(word[..<dot], name[..<other]),
      let endings = difference(word[dot...], name[other...])
    else { return nil }
    return stems + endings
  }

  /// How many letters are wrong; nil for more than a third, or for all of a short text.
  private static func difference(
    _ a: ArraySlice<Character>, _ b: ArraySlice<Character>
  ) -> Int? {
    let distance = distance(Array(a), Array(b))
    return distance == 0 || distance <= Swift.max(1, b.count / 3) && distance < b.count
      ? distance : nil
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
