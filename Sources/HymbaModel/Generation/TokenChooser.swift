#if canImport(Glibc)
  import Glibc
#endif

/// Chooses tokens one after another as a ``Sampling`` says.
struct TokenChooser: Sendable {
  private let sampling: Sampling
  private var random: SplitMix64

  init(_ sampling: Sampling) {
    self.sampling = sampling
    self.random = SplitMix64(seed: sampling.seed)
  }

  /// Chooses a token.
  mutating func choose(_ scores: TokenScores) -> Int {
    guard sampling.temperature > 0 else { return scores.mostProbable }
    let candidates = candidates(scores)
    let total = candidates.reduce(0) { $0 + $1.weight }
    // The number lies below the total, but the sum of the weights may be rounded below it.
    var rest = SplitMix64.fraction(random.next()) * total
    for candidate in candidates {
      rest -= candidate.weight
      if rest < 0 { return candidate.token }
    }
    return candidates.last?.token ?? scores.mostProbable
  }

  /// A token that may be chosen, and its probability up to a factor that is the same for all tokens.
  private typealias Candidate = (token: Int, weight: Double)

  private func candidates(_ scores: TokenScores) -> [Candidate] {
    let largest = scores[scores.mostProbable]
    func weighed(_ tokens: some Sequence<Int>) -> [Candidate] {
      tokens.map { ($0, exp((Double(scores[$0]) - Double(largest)) / sampling.temperature)) }
    }
    let all =
      sampling.topK.map { weighed(scores.tokens(byScore: $0)) } ?? weighed(0..<scores.count)
    guard let share = sampling.topP, share < 1 else { return all }
    let total = all.reduce(0) { $0 + $1.weight }
    // All tokens below this weight together hold less than the rest of the probability, so none of them is needed.
    let least = (1 - share) * total / Double(all.count)
    let sorted = all.filter { $0.weight >= least }
      .sorted { ($0.weight, $1.token) > ($1.weight, $0.token) }
    var sum = 0.0
    let needed = sorted.firstIndex {
      sum += $0.weight
      return sum >= share * total
    }
    return Array(sorted[...(needed ?? sorted.count - 1)])
  }
}
