import HymbaFormat
import HymbaModel

extension DescribedModel {
  private var attentions: [Architecture.Attention] {
    architecture.layers.compactMap(\.attention)
  }

  /// The window of the layers that have one; nil where none has.
  var window: Int? { attentions.lazy.compactMap(\.window).first }

  /// The layers without a window in a model that has one.
  var layersWithoutWindow: [Int] {
    window == nil ? [] : attentions.indices.filter { attentions[$0].window == nil }
  }

  /// For each layer whose keys and values others use, its number and theirs; null without any.
  var keyValueGroups: JSONValue {
    var groups: [Int: [Int]] = [:]
    for (index, attention) in attentions.enumerated() {
      if let producer = attention.keyValueLayer {
        groups[producer, default: [producer]].append(index)
      }
    }
    guard !groups.isEmpty else { return .null }
    return .array(
      groups.sorted { $0.key < $1.key }.map { .array($0.value.map(JSONValue.integer)) })
  }

  /// By layer, the width of its convolution.
  var convolutionSizes: JSONValue? {
    guard let inner = mamba?.innerSize else { return nil }
    return .object(
      Dictionary(
        uniqueKeysWithValues: attentions.indices.map { (String($0), JSONValue.integer(inner)) }))
  }
}
