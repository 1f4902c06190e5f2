extension String {
  /// The name that was probably meant by this misspelt text; nil when no name is near.
  ///
  /// A name is near when it begins with this text (of three letters or more), or when at most a third of its
  /// letters are wrong: missing, extra, different, or swapped with the next. When both have an ending after a
  /// dot, stem and ending must each be near: that two files end in `.safetensors` does not make them similar.
  /// - Complexity: O(*n* · *m*) for each name. A text of more than 64 characters is near to nothing.
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

  /// The distance of a name from a word; nil when it is not near.
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

  /// The number of wrong letters; nil when they are more than a third, or all of a short text.
  private static func difference(
    _ a: ArraySlice<Character>, _ b: ArraySlice<Character>
  ) -> Int? {
    let distance = distance(Array(a), Array(b))
    return distance == 0 || distance <= Swift.max(1, b.count / 3) && distance < b.count
      ? distance : nil
  }

  /// The optimal string alignment distance: how many letters have to be inserted, removed, replaced or swapped
  /// with the next one.
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
