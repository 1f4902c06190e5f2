package import HymbaFormat
package import HymbaModel

/// What llama.cpp's converter computes of a model's parameters.
package struct ConvertedValues: Sendable {
  private let moves: [Move]
  private let factors: [String: Factors]
  /// The tensors of a GGUF file that are kept beside the parameters that are computed of them, by the names of the
  /// parameters.
  package let kept: [String: String]

  /// The factors by which a parameter is multiplied.
  private struct Factors {
    var words: [String] = []
    var count = 0
  }

  /// - Parameters:
  ///   - layout: The name of a layout.
  ///   - architecture: The architecture whose multipliers are folded into the weights.
  /// - Returns: Nil for a layout of another format than GGUF, and where it does not fit the architecture.
  package init?(layout name: String, _ architecture: Architecture) {
    guard let layout = try? LayoutCatalog.builtIn().first(where: { $0.name == name }), layout.format == .gguf,
      let inventory = try? ParameterInventory(architecture),
      let plan = try? LayoutPlan(
        layout, NameVariant(), architecture, inventory,
        isPresent: layout.namesWithCopies(in: NameVariant()).contains)
    else { return nil }
    let options = (layout.configuration.family as? any GGUFFamily)?.factorOptions ?? [:]
    var factors: [String: Factors] = [:]
    var kept: [String: String] = [:]
    for (move, index) in zip(plan.moves, plan.rules) {
      if move.keepsSource { kept[move.targets[0]] = move.sources[0] }
      let known = architecture.factors(layer: move.targets[0].layerNumber)
      // The converter multiplies in the order in which the steps are undone, from the last to the first.
      for case .value(let step) in (layout.rules[index].steps ?? []).reversed() {
        let named = step.factors.compactMap { name -> String? in
          guard let factor = known[name], factor != 1 else { return nil }
          return "\(factor.shortest), the \(options[name] ?? name)"
        }
        guard !named.isEmpty else { continue }
        let isByRows = !step.sizes.isEmpty
        factors[move.targets[0], default: Factors()].words.append(
          (isByRows ? "its rows times " : "times ") + named.joined(separator: ", and "))
        factors[move.targets[0], default: Factors()].count += isByRows ? 1 : named.count
      }
    }
    self.moves = plan.moves.filter { !$0.keepsSource }
    self.factors = factors
    self.kept = kept
  }

  /// Whether any parameter is multiplied.
  package var multiplies: Bool { !factors.isEmpty }

  /// By what a parameter is multiplied, in words, and in how many multiplications; nil for one that is not.
  package func multiplication(of parameter: String) -> (words: String, count: Int)? {
    factors[parameter].map { ($0.words.joined(separator: ", and "), $0.count) }
  }

  /// The parameters of `source`, multiplied as the converter does.
  /// - Throws: ``ConversionError/cannotCast(_:_:)`` for a parameter that is no floating-point tensor.
  package func multiplied(_ source: any CheckpointSource) throws -> any CheckpointSource {
    try ValueSource.doing(moves, in: source)
  }
}

extension String {
  /// The number of the layer in the name of a parameter; nil where it has none.
  fileprivate var layerNumber: Int? {
    let parts = split(separator: ".")
    return parts.count > 1 && parts[0] == "layers" ? Int(parts[1]) : nil
  }
}

extension Double {
  /// The shortest decimal number that rounds to the same F32 number.
  fileprivate var shortest: String { "\(Float(self))" }
}
