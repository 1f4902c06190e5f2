/// One head of the attention that a layer applies.
package struct AttentionHead: Hashable, Sendable {
  /// The layer, counted from 0. A shared block is named by the layer that applies it.
  package let layer: Int
  /// The query head, counted from 0.
  package let head: Int

  package init(layer: Int, head: Int) {
    self.layer = layer
    self.head = head
  }

  /// The most positions of an input whose weights are kept. The matrix grows with their square.
  package static let mostPositions = 1024
}

extension Architecture {
  /// The attention that a layer applies, its own or that of a shared block. Nil if it applies none.
  package func attention(inLayer layer: Int) -> Attention? { attention(in: layers[layer]) }
}
