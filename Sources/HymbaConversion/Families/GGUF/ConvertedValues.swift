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
    /// The number of multiplications of one element.
    var count = 0

    mutating func add(_ named: [(factor: Double, option: String)], byRows: Bool) {
      if byRows {
        let list = Families.list(named.map(\.factor.shortest), "and")
        words.append("its rows times \(list), the \(named[0].option)")
        count += 1
      } else {
        let others = named.filter { $0.factor != 1 }
        words += others.map { "times \($0.factor.shortest), the \($0.option)" }
        count += others.count
      }
    }
  }

  /// Whether a layout is one of GGUF files.
  package static func isOf(layout name: String) -> Bool {
    (try? LayoutCatalog.builtIn().first { $0.name == name }?.format == .gguf) ?? false
  }

  /// - Parameters:
  ///   - layout: The name of a layout.
  ///   - architecture: The architecture whose multipliers are folded into the weights.
  /// - Returns: Nil for a layout of another format than GGUF, and where it does not fit the architecture.
  package init?(layout name: String, _ architecture: Architecture) {
    guard Self.isOf(layout: name), let layout = try? LayoutCatalog.layout(name),
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
        let named = step.factors.map { (factor: known[$0] ?? 1, option: options[$0] ?? $0) }
        guard named.contains(where: { $0.factor != 1 }) else { continue }
        var all = factors[move.targets[0]] ?? Factors()
        all.add(named, byRows: !step.sizes.isEmpty)
        factors[move.targets[0]] = all
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

  /// The parameters of `source`, multiplied as the converter does. A number that becomes infinite is NaN here, which
  /// agrees with nothing that is stored.
  /// - Throws: ``ConversionError/cannotCast(_:_:)`` for a parameter that is no floating-point tensor.
  package func multiplied(_ source: any CheckpointSource) throws -> any CheckpointSource {
    try ComputedSource.doing(moves, in: source, acceptsLoss: true)
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
