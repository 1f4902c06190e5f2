/// The experts that a router chooses for one position.
public struct ExpertChoice: Hashable, Sendable {
  /// Those with the highest probabilities, the highest first; of equal ones the lower index first.
  public let experts: [Int]
  /// By how much the least probable chosen one is ahead of the most probable other; infinite without others.
  ///
  /// With a tiny margin, rounding decides: another order of the same additions may choose another expert.
  public let margin: Float

  /// - Parameters:
  ///   - probabilities: Of all experts.
  ///   - count: How many to choose.
  public init(_ probabilities: ArraySlice<Float>, count: Int) {
    // NaN comes first, as in PyTorch's topk: what is broken shows.
    let ranked = probabilities.enumerated().map { (index: $0, value: $1.isNaN ? .infinity : $1) }
      .sorted { $0.value == $1.value ? $0.index < $1.index : $0.value > $1.value }
    self.experts = ranked.prefix(count).map(\.index)
    self.margin =
      count > 0 && count < ranked.count ? ranked[count - 1].value - ranked[count].value : .infinity
  }
}
