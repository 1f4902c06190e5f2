import HymbaFormat
import HymbaModel

extension LayoutPlan {
  /// Refuses a configuration whose layers are of other kinds than those of the checkpoint. Such a configuration
  /// is wrong as a whole, which a list of missing tensors would not say.
  ///
  /// A layer is of another kind when tensors that it needs are missing, and the checkpoint has others for which
  /// the layout has a place under another kind of layer.
  ///
  /// - Parameter origin: The origin of the architecture, for the message.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)`` that names the layers,
  ///   ``ConversionError/layoutInvalid(_:)``.
  func requireAgreement(
    of architecture: Architecture, origin: String, with tensors: TensorTable
  ) throws(ConversionError) {
    var places: [(pattern: NamePattern, target: String)] = []
    for rule in layout.rules {
      for name in rule.from { places.append((try NamePattern(name), rule.to?.first ?? "")) }
    }
    func place(_ name: String) -> (layer: Int, target: String)? {
      for name in variant.candidates(name) {
        for (pattern, target) in places {
          if let layer = pattern.match(name)?["layer"] { return (layer, target) }
        }
      }
      return nil
    }
    let needed = Set(moves.flatMap(\.sources))
    let incomplete = Set(
      needed.filter { tensors[$0] == nil }.compactMap { place($0)?.layer })
    guard !incomplete.isEmpty else { return }
    var details: [Int: String] = [:]
    for tensor in tensors where !needed.contains(tensor.name) && !carries(tensor.name) {
      guard let (layer, target) = place(tensor.name), incomplete.contains(layer),
        details[layer] == nil, architecture.layers.indices.contains(layer)
      else { continue }
      let kind = architecture.layers[layer].expectation(instead: target)
      details[layer] = "layer \(layer) should \(kind), but there is “\(tensor.name.printable)”"
    }
    guard !details.isEmpty else { return }
    throw .disagreement(
      origin, "the tensors", details: details.sorted { $0.key < $1.key }.map(\.value))
  }
}

extension Architecture.Layer {
  /// A clause that says what the layer should be or have, for a layer that has a tensor of another kind.
  fileprivate func expectation(instead target: String) -> String {
    if target.contains(".ffn.") {
      switch feedForward {
      case .none: return "have no feed forward"
      case .experts(let count, _, _, _): return "have \(count) experts"
      case .mixture(let mixture): return "have \(mixture.count) experts"
      case .gelu, .swiGLU, .geGLU, .reluSquared, .gated, .network: return "have one feed forward"
      }
    }
    switch mixer {
    case .parallel: return "be attention and Mamba in parallel"
    case .attention: return "be attention"
    case .mamba(let mamba): return "be \(mamba.title)"
    case .sharedThenMamba(let mamba): return "be the shared block and \(mamba.title)"
    case nil: return "be a feed forward alone"
    }
  }
}
