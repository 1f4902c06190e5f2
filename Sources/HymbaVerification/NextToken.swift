package import HymbaFormat
import HymbaModel

/// A token that may follow a sequence.
package struct NextToken: Hashable, Sendable, Encodable {
  package var token: Int
  /// The probability that the model gives it.
  package var probability: Double
  /// The text that it adds; null without a tokenizer.
  @OrNull package var text: String?
}

extension NextToken {
  /// The most probable tokens that follow the first sequence of an input, the most probable first.
  ///
  /// - Parameters:
  ///   - logits: [batch, seq, vocabulary]
  ///   - ids: The ids of the input, one sequence after another.
  ///   - text: The text that a token adds to those before it.
  /// - Returns: Nil where the scores hold NaN or infinite values.
  static func mostProbable(
    _ count: Int, logits: Tensor, ids: [Int], text: (Int, [Int]) -> String?
  ) -> [NextToken]? {
    let (length, size) = (logits.dimensions[1], logits.dimensions[2])
    let before = Array(ids.prefix(length))
    return (try? TokenScores(logits.values[(length - 1) * size..<length * size]))?.mostProbable(count).map {
      NextToken(token: $0.token, probability: $0.probability, text: text($0.token, before))
    }
  }
}
