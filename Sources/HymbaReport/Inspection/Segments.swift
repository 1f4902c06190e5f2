/// The segments of stacked bars. There are no more than colours: the smallest are one.
struct Segments {
  let names: [String]
  private let others: Set<String>

  private static let most = 6
  private static let rest = "others"

  /// - Parameter sizes: The names in their order, each with what all of its segments measure together.
  init(_ sizes: [(name: String, size: Int)]) {
    guard sizes.count > Self.most else {
      names = sizes.map(\.name)
      others = []
      return
    }
    let kept = Set(sizes.sorted { $0.size > $1.size }.prefix(Self.most - 1).map(\.name))
    names = sizes.map(\.name).filter(kept.contains) + [Self.rest]
    others = Set(sizes.map(\.name)).subtracting(kept)
  }

  /// The sizes of a bar in the order of the segments.
  func values(_ sizes: [String: Int]) -> [Int] {
    names.map { name in
      sizes[name] ?? (name == Self.rest ? others.reduce(0) { $0 + (sizes[$1] ?? 0) } : 0)
    }
  }

  /// What the rest stands for, as a sentence; nil where there is none.
  var note: String? {
    others.isEmpty ? nil : "Others: \(others.sorted().joined(separator: ", "))."
  }
}
