/// The experts that a router chooses for one position.
package struct ExpertChoice: Hashable, Sendable {
  /// The indices of the experts with the highest probabilities, the highest first. Of equal probabilities, the
  /// lower index comes first.
  package let experts: [Int]
  /// The difference between the lowest chosen probability and the highest one that was not chosen. Infinite
  /// where no expert is left out.
  ///
  /// Rounding decides a choice with a tiny margin: another order of the same additions may choose another
  /// expert.
  package let margin: Float

  /// Chooses the experts for one position.
  ///
  /// - Parameters:
  ///   - probabilities: The probabilities of all experts.
  ///   - count: The number of experts to choose.
  /// - Complexity: Sorts the experts.
  package init(_ probabilities: ArraySlice<Float>, count: Int) {
    // NaN comes first, as in PyTorch's topk, so that broken values are not hidden.
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
