extension String {
  /// The name among `names` that this one is probably meant to be: the one that the fewest single changes of a
  /// letter make of it, if they are at most a quarter of its letters.
  func nearest(among names: [String]) -> String? {
    let letters = Array(utf8)
    // Names of another length by so much cannot be near, and long ones are no captures.
    guard letters.count <= 128 else { return nil }
    let most = max(1, letters.count / 4)
    let near = names.compactMap { name -> (name: String, distance: Int)? in
      guard abs(name.utf8.count - letters.count) <= most else { return nil }
      let distance = editDistance(letters, Array(name.utf8))
      return distance <= most ? (name, distance) : nil
    }
    return near.min { $0.distance < $1.distance }?.name
  }
}

/// How many letters have to be added, removed or replaced to make one name of the other (Levenshtein).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (index, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in b.indices {
      let replaced = diagonal + (letter == b[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
    }
  }
  return row[b.count]
}
