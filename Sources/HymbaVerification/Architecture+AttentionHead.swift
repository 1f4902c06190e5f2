import HymbaFormat
import HymbaModel

extension Architecture {
  /// Checks that the attention of a head can be reported.
  ///
  /// - Parameter length: The number of positions of the input.
  /// - Throws: ``VerificationError/attention(_:)`` for a layer without attention, a head that there is not, and
  ///   an input of more than ``AttentionHead/mostPositions``.
  func require(_ head: AttentionHead, length: Int) throws(VerificationError) {
    let layer = head.layer
    guard layers.indices.contains(layer) else {
      throw .attention(
        "there is no layer \(layer); the model has \(Self.numbered("layer", layers.indices))")
    }
    guard let shape = attention(inLayer: layer) else {
      let others = layers.indices.filter { attention(inLayer: $0) != nil }
      let found =
        others.isEmpty
        ? "no layer has any"
        : "\(Self.numbered("layer", others)) \(others.count == 1 ? "has" : "have") it"
      throw .attention("layer \(layer) has no attention; \(found)")
    }
    guard (0..<shape.heads).contains(head.head) else {
      throw .attention(
        "layer \(layer) has no head \(head.head); it has \(Self.numbered("head", 0..<shape.heads))")
    }
    let most = AttentionHead.mostPositions
    guard length <= most else {
      throw .attention(
        "the input has \(length) positions; the attention of at most \(most) is reported")
    }
  }

  /// Such as `layers 0 to 3, 7`.
  private static func numbered(_ noun: String, _ numbers: some Collection<Int>) -> String {
    "\(noun)\(numbers.count == 1 ? "" : "s") \(NumberRanges(numbers).words)"
  }
}
