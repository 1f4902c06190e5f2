/// The segments of stacked bars. There are no more than colours: the smallest are one.
struct Segments {
  let names: [String]
  private let others: Set<String>

  private static let most = 6
  private static let rest = "others"

  /// - Parameters:
  ///   - sizes: The names in their order, each with what all of its segments measure together.
  ///   - preferred: Names that keep their own segments, however small these are.
  init(_ sizes: [(name: String, size: Int)], preferred: Set<String> = []) {
    guard sizes.count > Self.most else {
      names = sizes.map(\.name)
      others = []
      return
    }
    let kept = Set(
      sizes.sorted {
        (preferred.contains($0.name) ? 1 : 0, $0.size) > (preferred.contains($1.name) ? 1 : 0, $1.size)
      }.prefix(Self.most - 1).map(\.name))
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
