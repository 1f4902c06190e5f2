import HymbaModel

/// The attention of one head in the first sequence: what each position of the input reads from which position.
package struct AttentionWeights: Hashable, Sendable, Encodable {
  /// The layer, counted from 0. A shared block is named by the layer that applies it.
  package var layer: Int
  /// The query head, counted from 0.
  package var head: Int
  /// The head of keys and values that the query head reads, counted from 0.
  package var keyValueHead: Int
  /// The number of leading keys that belong to meta tokens, learned as keys or prepended to the sequence.
  package var metaCount: Int
  /// The softmax probabilities, [queries][meta keys, then keys]. Each row adds up to 1. A key that a query does
  /// not see has 0.
  package var weights: [[Double]]

  /// - Parameters:
  ///   - head: A head that the architecture has.
  ///   - weights: [1, queries, keys]
  init(_ head: AttentionHead, _ weights: Tensor, in architecture: Architecture) {
    let shape = architecture.attention(inLayer: head.layer)
    let keys = weights.dimensions.last ?? 0
    self.layer = head.layer
    self.head = head.head
    self.keyValueHead = shape.map { head.head / ($0.heads / $0.keyValueHeads) } ?? head.head
    self.metaCount = architecture.metaTokens.keyValueCount + architecture.metaTokens.prependedCount
    self.weights = stride(from: 0, to: weights.values.count, by: max(1, keys)).map {
      weights.values[$0..<$0 + keys].map(Double.init)
    }
  }

  private enum Key: String, CodingKey { case layer, head, keyValueHead, metaCount, weights }

  /// Encodes the values. Numbers that JSON cannot express become null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(layer, forKey: .layer)
    try container.encode(head, forKey: .head)
    try container.encode(keyValueHead, forKey: .keyValueHead)
    try container.encode(metaCount, forKey: .metaCount)
    // The engine computes in 32 bits, so that the digits of more say nothing.
    try container.encode(
      weights.map { $0.map { $0.isFinite ? Float($0) : nil } }, forKey: .weights)
  }
}
