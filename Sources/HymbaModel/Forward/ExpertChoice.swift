/// The experts that a router chooses for one position.
package struct ExpertChoice: Hashable, Sendable {
  /// The indices of the experts with the highest scores, the highest first. Of equal scores, the lower index
  /// comes first.
  package let experts: [Int]
  /// The difference between the lowest chosen score and the highest one that was not chosen, among experts or
  /// among their groups. Infinite where no expert is left out.
  ///
  /// Rounding decides a choice with a tiny margin: another order of the same additions may choose another
  /// expert.
  package let margin: Float

  /// Chooses the experts for one position.
  ///
  /// - Parameters:
  ///   - scores: The scores of all experts.
  ///   - count: The number of experts to choose.
  /// - Complexity: Sorts the experts.
  package init(_ scores: ArraySlice<Float>, count: Int) {
    // NaN comes first, as in PyTorch's topk, so that broken values are not hidden.
    let values = scores.map { (value: Float) -> Float in value.isNaN ? .infinity : value }
    let ranked = values.indices.sorted { (a: Int, b: Int) -> Bool in
      values[a] == values[b] ? a < b : values[a] > values[b]
    }
    self.experts = Array(ranked.prefix(count))
    self.margin =
      count > 0 && count < ranked.count
      ? values[ranked[count - 1]] - values[ranked[count]] : .infinity
  }

  fileprivate init(experts: [Int], margin: Float) {
    self.experts = experts
    self.margin = margin
  }
}

/// The rule by which a router chooses experts.
package struct ExpertChooser: Sendable {
  package let router: Architecture.Router
  private let perToken: Int
  /// What is added to the probabilities for choosing, [experts]; nil for nothing.
  private let bias: [Float]?

  package init(
    perToken: Int, _ router: Architecture.Router = Architecture.Router(), bias: [Float]? = nil
  ) {
    self.router = router
    self.perToken = perToken
    self.bias = bias
  }

  /// Chooses the experts for one position.
  ///
  /// - Parameter probabilities: The probabilities of all experts.
  /// - Complexity: Sorts the experts.
  package func callAsFunction(_ probabilities: ArraySlice<Float>) -> ExpertChoice {
    let biased = biased(probabilities)
    let groups = groups(of: biased)
    let choice = ExpertChoice(masked(biased, groups)[...], count: perToken)
    return ExpertChoice(
      experts: choice.experts, margin: min(choice.margin, groups?.margin ?? .infinity))
  }

  /// The scores by which experts are chosen: the probabilities with the bias. Experts outside of the kept groups
  /// have negative infinity.
  package func scores(_ probabilities: ArraySlice<Float>) -> [Float] {
    let biased = biased(probabilities)
    return masked(biased, groups(of: biased))
  }

  private func biased(_ probabilities: ArraySlice<Float>) -> [Float] {
    guard let bias else { return Array(probabilities) }
    return zip(probabilities, bias).map(+)
  }

  /// The choice of groups; nil where there is one group.
  private func groups(of scores: [Float]) -> ExpertChoice? {
    guard router.groups > 1 else { return nil }
    let size = scores.count / router.groups
    let ofGroups = (0..<router.groups).map { group -> Float in
      let members = scores[group * size..<(group + 1) * size]
      // A sort needs an order, which NaN has not.
      if members.contains(where: \.isNaN) { return .nan }
      return members.sorted(by: >).prefix(2).reduce(0, +)
    }
    return ExpertChoice(ofGroups[...], count: router.keptGroups)
  }

  private func masked(_ scores: [Float], _ groups: ExpertChoice?) -> [Float] {
    guard let groups else { return scores }
    let size = scores.count / router.groups
    return scores.indices.map { groups.experts.contains($0 / size) ? scores[$0] : -.infinity }
  }

  /// The weights of chosen experts.
  ///
  /// - Parameter probabilities: The probabilities of all experts.
  func weights(of experts: [Int], _ probabilities: ArraySlice<Float>) -> [Float] {
    var weights = experts.map { probabilities[probabilities.startIndex + $0] }
    if router.normalizes {
      // The original adds 1e-20, so that a sum of 0 gives zeros.
      let sum = weights.reduce(0, +) + 1e-20
      for index in weights.indices { weights[index] /= sum }
    }
    if let scale = router.scale.map({ Float($0) }) {
      for index in weights.indices { weights[index] *= scale }
    }
    return weights
  }
}
