/// Neighbours taken together, where a drawing has no room for each.
struct Binning {
  /// The positions of each bin.
  let bins: [Range<Int>]

  init(_ count: Int, atMost most: Int) {
    let bins = min(count, most)
    self.bins = (0..<bins).map { count * $0 / bins..<count * ($0 + 1) / bins }
  }

  var isWhole: Bool { bins.allSatisfy { $0.count == 1 } }

  /// What a bin stands for: `3` or `4 to 7`.
  func text(_ bin: Int, first: Int) -> String {
    let range = bins[bin]
    return range.count == 1
      ? "\(first + range.lowerBound)"
      : "\(first + range.lowerBound) to \(first + range.upperBound - 1)"
  }
}
