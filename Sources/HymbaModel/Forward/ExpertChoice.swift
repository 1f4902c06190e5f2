/// The experts that a router chooses for one position.
package struct ExpertChoice: Hashable, Sendable {
  /// Those with the highest probabilities, the highest first; of equal ones the lower index first.
  package let experts: [Int]
  /// By how much the least probable chosen one is ahead of the most probable other; infinite without others.
  ///
  /// With a tiny margin, rounding decides: another order of the same additions may choose another expert.
  package let margin: Float

  /// - Parameters:
  ///   - probabilities: Of all experts.
  ///   - count: How many to choose.
  package init(_ probabilities: ArraySlice<Float>, count: Int) {
    // NaN comes first, as in PyTorch's topk: what is broken shows.
    let values = probabilities.map { (value: Float) -> Float in value.isNaN ? .infinity : value }
    let ranked = values.indices.sorted { (a: Int, b: Int) -> Bool in
      values[a] == values[b] ? a < b : values[a] > values[b]
    }
    self.experts = Array(ranked.prefix(count))
    self.margin =
      count > 0 && count < ranked.count
      ? values[ranked[count - 1]] - values[ranked[count]] : .infinity
  }
}
