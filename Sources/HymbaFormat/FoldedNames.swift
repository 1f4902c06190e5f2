/// Names that differ in numbers alone, such as those of one tensor of many layers.
package struct FoldedNames {
  /// The names in the order in which they came.
  package let names: [String]
  /// The name of all: that of the only one, or one with the numbers of all in braces, such as
  /// `layers.{0..3,7}.norm.weight`.
  package let text: String

  package var count: Int { names.count }

  /// The names, those together that differ in numbers alone, in the order of the first of each.
  package static func fold(_ names: some Sequence<String>) -> [FoldedNames] {
    var groups: [[String]] = []
    var positions: NameTable<Int> = [:]
    for name in names {
      let pattern = pattern(name)
      if let position = positions[pattern] {
        groups[position].append(name)
      } else {
        positions[pattern] = groups.count
        groups.append([name])
      }
    }
    return groups.map { FoldedNames(names: $0, text: text(of: $0)) }
  }

  /// The name with `*` for each part that is a number. Names of the same tensor of other layers and experts have
  /// the same pattern.
  package static func pattern(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { isNumber($0) ? "*" : String($0) }.joined(separator: ".")
  }

  private static func isNumber(_ part: Substring) -> Bool {
    !part.isEmpty && part.utf8.count <= 6 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func text(of names: [String]) -> String {
    guard let first = names.first, names.count > 1 else { return names.first ?? "" }
    let parts = names.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
    var text: [String] = []
    for (position, part) in parts[0].enumerated() {
      guard isNumber(part) else {
        text.append(String(part))
        continue
      }
      let numbers = Set(parts.compactMap { Int($0[position]) })
      text.append(numbers.count == 1 ? String(part) : NumberRanges(numbers).braces)
    }
    return text.isEmpty ? first : text.joined(separator: ".")
  }
}

extension [FoldedNames] {
  /// The names of the groups as a list in words that stays short, with the number of all.
  package var words: String {
    let shown = prefix(3).map(\.text.printable).joined(separator: ", ")
    return count > 3 ? "\(shown) and \(count - 3) more" : shown
  }
}
