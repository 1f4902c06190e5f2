extension [Int] {
  /// The order that undoes this one.
  var inverse: [Int] {
    var inverse = self
    for (index, position) in enumerated() { inverse[position] = index }
    return inverse
  }

  func shifted(by offset: Int) -> [Int] { map { $0 + offset } }

  /// The order of the numbers from 0 on in which the parts of these sizes come in another order.
  ///
  /// - Parameter parts: The index of each part, in the new order.
  static func exchanging(_ sizes: [Int], to parts: [Int]) -> [Int] {
    let starts = sizes.indices.map { sizes[..<$0].reduce(0, +) }
    return parts.flatMap { Array(starts[$0]..<starts[$0] + sizes[$0]) }
  }
}

extension Sequence {
  /// The elements without those that are equal to earlier ones in some respect.
  func unique<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
    var seen: Set<Key> = []
    return filter { seen.insert(key($0)).inserted }
  }
}

extension Sequence where Element: Hashable {
  var unique: [Element] { unique(by: \.self) }
}
