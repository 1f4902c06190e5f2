import HymbaModel

/// Which layers of a model changed, by their kinds.
package struct LayerMap: Sendable {
  package struct Layer: Sendable {
    package let index: Int
    /// The kind in words, and its character; nil where the architecture is not known.
    package let kind: String?
    package let symbol: Character?
    package let isChanged: Bool
  }

  /// Layers of one kind.
  package struct Kind: Sendable, Encodable {
    /// The kind in words; `unknown` where the architecture is not known.
    package let kind: String
    package let count: Int
    /// The numbers of the layers that changed.
    package let changed: [Int]
  }

  package let layers: [Layer]
  /// In the order in which the kinds occur.
  package let kinds: [Kind]

  package var changed: [Int] { layers.filter(\.isChanged).map(\.index) }

  /// - Parameters:
  ///   - architecture: The architecture; nil where it is not known.
  ///   - parameter: The name of our parameter behind a tensor's name.
  /// - Returns: Nil where no tensor belongs to a layer.
  init?(
    _ tensors: [TensorDifference], _ architecture: Architecture?, otherLayers: Int?,
    parameter: (String) -> String
  ) {
    var isChanged: [Int: Bool] = [:]
    for tensor in tensors {
      guard let layer = Self.layer(parameter(tensor.name)) else { continue }
      let differs = tensor.status != .same && tensor.status != .retyped
      isChanged[layer] = isChanged[layer] ?? false || differs
    }
    let known = architecture?.layers ?? []
    let count = max(known.count, otherLayers ?? 0, (isChanged.keys.max() ?? -1) + 1)
    guard !isChanged.isEmpty, count <= Self.mostLayers else { return nil }
    self.layers = (0..<count).map { index in
      let symbol = known.indices.contains(index) ? LayerSymbol(known[index]) : nil
      return Layer(
        index: index, kind: symbol?.title, symbol: symbol?.rawValue,
        isChanged: isChanged[index] ?? false)
    }
    var kinds: [(kind: String, layers: [Layer])] = []
    for layer in layers {
      let kind = layer.kind ?? "unknown"
      if let position = kinds.firstIndex(where: { $0.kind == kind }) {
        kinds[position].layers.append(layer)
      } else {
        kinds.append((kind, [layer]))
      }
    }
    self.kinds = kinds.map { kind, layers in
      Kind(kind: kind, count: layers.count, changed: layers.filter(\.isChanged).map(\.index))
    }
  }

  /// More layers than any model has: a name may hold any number.
  private static let mostLayers = 4096

  /// The words before a layer's number in the names of checkpoints.
  private static let words: Set<Substring> = ["layers", "layer", "blocks", "block", "h"]

  /// The number of the layer that a tensor belongs to; nil where its name has none.
  package static func layer(_ name: String) -> Int? {
    let parts = name.split(separator: ".")
    return zip(parts, parts.dropFirst()).lazy.compactMap { word, number in
      words.contains(word) ? Int(number).flatMap { (0..<mostLayers).contains($0) ? $0 : nil } : nil
    }.first
  }
}
