import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// A score of how well a model predicts the next tokens of given sequences.
public struct TokenScore: Hashable, Sendable, Encodable {
  /// The number of positions whose next token was scored.
  public var count: Int
  /// The mean of -ln p(next token), in nats.
  public var crossEntropy: Double
  /// The share of positions at which the next token has the highest score.
  public var accuracy: Double
  /// The windows in which the sequence went through the model; nil for an input of several sequences.
  public internal(set) var windows: Windows?

  /// Parts of a sequence, each of which begins anew where the one before ends.
  public struct Windows: Hashable, Sendable, Encodable {
    /// The number of windows.
    public let count: Int
    /// The tokens of the longest window. The others but the last are as long.
    public let length: Int
    /// The tokens from the beginning of a window to that of the next one.
    public let stride: Int
  }

  /// e^crossEntropy.
  public var perplexity: Double { exp(crossEntropy) }

  /// - Parameters:
  ///   - logits: [batch, seq, vocabulary]
  ///   - ids: [batch * seq]
  ///   - positions: The positions within `ids` whose next token is scored. None of them is the last of its
  ///     sequence.
  init(logits: Tensor, ids: [Int], positions: [Int]) {
    let size = logits.dimensions[2]
    var (correct, sum) = (0, 0.0)
    for position in positions {
      let scores = logits.values[position * size..<(position + 1) * size]
      let next = ids[position + 1]
      let largest = scores.max() ?? 0
      let total = scores.reduce(0.0) { $0 + exp(Double($1) - Double(largest)) }
      sum += log(total) + Double(largest) - Double(scores[scores.startIndex + next])
      if scores.firstIndex(of: largest) == scores.startIndex + next { correct += 1 }
    }
    let count = positions.count
    self.count = count
    self.crossEntropy = count > 0 ? sum / Double(count) : .nan
    self.accuracy = count > 0 ? Double(correct) / Double(count) : .nan
  }

  /// The score of several inputs together.
  init(_ parts: [TokenScore], windows: Windows? = nil) {
    self.windows = windows
    let count = parts.reduce(0) { $0 + $1.count }
    func mean(_ value: KeyPath<TokenScore, Double>) -> Double {
      count > 0 ? parts.reduce(0) { $0 + $1[keyPath: value] * Double($1.count) } / Double(count) : .nan
    }
    self.count = count
    self.crossEntropy = mean(\.crossEntropy)
    self.accuracy = mean(\.accuracy)
  }

  private enum Key: String, CodingKey { case count, crossEntropy, accuracy, perplexity, windows }

  /// Encodes the values. Numbers that JSON cannot express become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(count, forKey: .count)
    let values = [
      (crossEntropy, Key.crossEntropy), (accuracy, .accuracy), (perplexity, .perplexity),
    ]
    for (value, key) in values { try container.encode(value.isFinite ? value : nil, forKey: key) }
    try container.encode(windows, forKey: .windows)
  }
}

extension TokenScore.Windows {
  /// The windows in words.
  package var words: String {
    count == 1
      ? "one window of \(length) tokens"
      : "\(count) windows of \(length) tokens, stride \(stride): each begins anew"
  }
}
