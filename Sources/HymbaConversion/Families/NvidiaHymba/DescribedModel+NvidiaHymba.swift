import HymbaFormat
import HymbaModel

extension DescribedModel {
  private var attentions: [Architecture.Attention] {
    architecture.layers.compactMap(\.attention)
  }

  /// The window of the first layer that has one, in tokens; nil where no layer has one.
  var window: Int? { attentions.lazy.compactMap(\.window).first }

  /// The indices of the layers without a window; empty where no layer has one.
  var layersWithoutWindow: [Int] {
    window == nil ? [] : attentions.indices.filter { attentions[$0].window == nil }
  }

  /// The groups of layers that share keys and values, as `kv_reuse_group` lists them; null without any. Each
  /// group begins with the index of the layer whose keys and values the others use.
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

  /// The number of channels of the convolution in each layer, by the index of the layer; nil without a Mamba.
  var convolutionSizes: JSONValue? {
    guard let inner = mamba?.innerSize else { return nil }
    return .object(
      Dictionary(
        uniqueKeysWithValues: attentions.indices.map { (String($0), JSONValue.integer(inner)) }))
  }
}
