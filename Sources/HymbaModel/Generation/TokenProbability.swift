#if canImport(Glibc)
  import Glibc
#endif

/// A token and the probability that a model gives it.
public struct TokenProbability: Hashable, Sendable {
  public var token: Int
  /// e^score over the sum for all tokens of the vocabulary.
  public var probability: Double
}

/// A model's scores for the next token: one finite number for each token of the vocabulary.
public struct TokenScores: Sendable {
  private let scores: ArraySlice<Float>
  private let largest: Float
  /// The sum of e^(score - largest).
  private let total: Double

  /// - Parameter scores: One logit for each token.
  /// - Throws: ``ModelError/cannotChoose(_:)`` when there is none, or one that is NaN or infinite.
  public init(_ scores: ArraySlice<Float>) throws(ModelError) {
    guard let largest = scores.max() else { throw .cannotChoose("there are no scores") }
    guard scores.allSatisfy(\.isFinite) else {
      throw .cannotChoose("the model's scores hold NaN or infinite values")
    }
    self.scores = scores
    self.largest = largest
    self.total = scores.reduce(0) { $0 + exp(Double($1) - Double(largest)) }
  }

  /// - Parameter logits: [batch, vocabulary] or [batch, seq, vocabulary].
  /// - Parameter row: The row of the scores, counted over the batch and the positions.
  /// - Throws: As ``init(_:)``.
  init(_ logits: Tensor, row: Int) throws(ModelError) {
    let size = logits.dimensions.last ?? 0
    try self.init(logits.values[row * size..<(row + 1) * size])
  }

  public var count: Int { scores.count }

  /// The score of a token.
  subscript(token: Int) -> Float { scores[scores.startIndex + token] }

  /// A token with its probability.
  public func probability(of token: Int) -> TokenProbability {
    TokenProbability(token: token, probability: exp(Double(self[token]) - Double(largest)) / total)
  }

  /// The most probable token; of several with the same score the one with the lowest id.
  public var mostProbable: Int {
    (scores.firstIndex(of: largest) ?? scores.startIndex) - scores.startIndex
  }

  /// The most probable tokens, the most probable first; of several with the same score the lowest id comes first.
  ///
  /// - Complexity: O(vocabulary · log(count)) for the few tokens that people ask for.
  public func mostProbable(_ count: Int) -> [TokenProbability] {
    tokens(byScore: count).map(probability)
  }

  /// As many tokens with the highest scores, in the order of ``mostProbable(_:)``.
  func tokens(byScore count: Int) -> [Int] {
    let isBefore = { (first: Int, second: Int) in
      (self[first], second) > (self[second], first)
    }
    // An insertion costs as much as tokens that are kept, so that sorting is better for many.
    guard count <= Self.fewTokens else {
      return Array((0..<scores.count).sorted(by: isBefore).prefix(count))
    }
    var kept: [Int] = []
    kept.reserveCapacity(count + 1)
    for token in 0..<scores.count {
      if kept.count == count {
        guard let last = kept.last, isBefore(token, last) else { continue }
        kept.removeLast()
      }
      kept.insert(token, at: kept.firstIndex { isBefore(token, $0) } ?? kept.count)
    }
    return kept
  }

  private static let fewTokens = 128
}
