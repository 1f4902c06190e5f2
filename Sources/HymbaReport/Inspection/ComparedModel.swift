package import HymbaModel

/// One model of a comparison. The schema of its JSON form is `Schemas/comparison.schema.json`.
package struct ComparedModel: Encodable {
  package let source: String
  package let name: String
  package let sizes: ModelSizes

  package init(_ source: String, name: String, _ sizes: ModelSizes) {
    self.source = source
    self.name = name
    self.sizes = sizes
  }

  /// The bytes of a cached value. Caches are counted in 16 bits a value.
  package static let valueBytes = 2

  private enum Key: String, CodingKey {
    case source, name, pattern, layerCount, hiddenSize, parameters, cache, multiplyAdds
  }

  private struct Parameters: Encodable {
    let total: Int
    let active: Int
    let parts: [Part]

    struct Part: Encodable {
      let part: String
      let parameters: Int
    }
  }

  private struct Cache: Encodable {
    let context: Int
    let keyValueBytes: Int
    let stateBytes: Int
    let bytesPerToken: Int
  }

  private struct MultiplyAdds: Encodable {
    let perToken: Int
    let context: Int
    let attention: Int
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(source, forKey: .source)
    try container.encode(name, forKey: .name)
    try container.encode(sizes.architecture.pattern, forKey: .pattern)
    try container.encode(sizes.architecture.layers.count, forKey: .layerCount)
    try container.encode(sizes.architecture.hiddenSize, forKey: .hiddenSize)
    try container.encode(
      Parameters(
        total: sizes.parameterCount, active: sizes.activeParameterCount,
        parts: sizes.parts.map { .init(part: $0.part.rawValue, parameters: $0.parameterCount) }),
      forKey: .parameters)
    try container.encode(
      Cache(
        context: ModelSizes.context, keyValueBytes: Self.valueBytes * sizes.cache.keyValues,
        stateBytes: Self.valueBytes * sizes.cache.states,
        bytesPerToken: Self.valueBytes * sizes.keyValuesPerToken),
      forKey: .cache)
    try container.encode(
      MultiplyAdds(
        perToken: sizes.work.perToken, context: ModelSizes.context,
        attention: sizes.work.attention),
      forKey: .multiplyAdds)
  }
}
