import HymbaFormat

extension Architecture {
  /// What differs between two architectures, in words, each with both values: `layers 0 to 31, attention
  /// heads: 4 and 2`. Layers that differ alike are together.
  package func differencesInWords(from other: Architecture) -> [String] {
    guard let mine = try? JSONValue(parsing: json), let theirs = try? JSONValue(parsing: other.json)
    else { return [] }
    var found: [(difference: ValueDifference, layers: [Int])] = []
    var positions: [ValueDifference: Int] = [:]
    for var difference in ValueDifference.all(mine, theirs) {
      let layer = difference.removeLayer()
      if let position = positions[difference] {
        found[position].layers += layer.map { [$0] } ?? []
      } else {
        positions[difference] = found.count
        found.append((difference, layer.map { [$0] } ?? []))
      }
    }
    return found.map { difference, layers in
      guard !layers.isEmpty else { return difference.text }
      return "layer\(layers.count == 1 ? "" : "s") \(NumberRanges(layers).words), \(difference.text)"
    }
  }
}

/// A value that differs between two JSON documents.
private struct ValueDifference: Hashable {
  private var path: [String]
  private let isOfLayer: Bool
  private let values: String

  private init(_ path: [String], _ values: String) {
    self.path = path
    self.isOfLayer = path.count > 2 && path[0] == "layers"
    self.values = values
  }

  static func all(_ a: JSONValue, _ b: JSONValue, path: [String] = []) -> [ValueDifference] {
    switch (a, b) {
    case (.object(let a), .object(let b)):
      Set(a.keys).union(b.keys).sorted().flatMap { key in
        all(a[key] ?? .null, b[key] ?? .null, path: path + [key])
      }
    case (.array(let a), .array(let b)) where a.count == b.count:
      zip(a, b).enumerated().flatMap { index, pair in all(pair.0, pair.1, path: path + ["\(index)"]) }
    case (.array(let a), .array(let b)):
      [ValueDifference(path, "\(a.count) and \(b.count) of them")]
    default:
      a == b ? [] : [ValueDifference(path, "\(text(of: a)) and \(text(of: b))")]
    }
  }

  private static func text(of value: JSONValue) -> String {
    switch value {
    case .null: "none"
    case .object: "some"
    default: value.summary
    }
  }

  /// Takes the number of the layer out of the path; nil where the path leads to no value of a layer.
  mutating func removeLayer() -> Int? {
    guard isOfLayer, let layer = Int(path[1]) else { return nil }
    path.removeFirst(2)
    return layer
  }

  /// Parts of paths that only tell which form a layer has, which the parts behind them tell too.
  private static let forms: Set = ["mixer", "parallel", "network", "mixture"]

  /// The path in words, and the values.
  var text: String {
    var words: [String] = []
    for part in path where !Self.forms.contains(part) || path.count == 1 {
      let word = Self.words(of: part)
      if words.last != word { words.append(word) }
    }
    return "\(words.joined(separator: " ")): \(values)"
  }

  /// `key value heads` for `keyValueHeads`.
  private static func words(of name: String) -> String {
    name.reduce(into: "") { words, letter in
      words += letter.isUppercase && !words.isEmpty ? " " + letter.lowercased() : String(letter)
    }
  }
}
