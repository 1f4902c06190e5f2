import HymbaFormat
import HymbaModel

/// What may be meant otherwise in the norms of a layer or of the ends of the model, in its square weights, and in
/// the factor of what a layer adds.
struct WholeAlternatives {
  let architecture: Architecture
  /// The parameters of the layer, or of the end, with those of the block that it applies.
  let parameters: [Parameter]
  /// The beginning of the names of the layer's parameters; empty for an end.
  let prefix: String
  /// The epsilon of the gated norm; nil where there is none.
  let gatedEpsilon: Double?

  /// The epsilons of released models.
  static let epsilons = [1e-5, 1e-6, 1e-8, 1e-12, 1e-3, 1e-4, 0]

  var epsilons: [Alternative] {
    let (now, gated) = (architecture.norm.epsilon, gatedEpsilon)
    let name = architecture.norm.kind == .rmsNorm ? "rms_norm_eps" : "layer_norm_eps"
    var found: [Alternative] = Self.epsilons.filter { $0 != now || gated ?? now != $0 }.map {
      value in
      Alternative(.epsilon, name, is: value.optionText) {
        $0.norm.epsilon = value
        $0.mamba2?.gatedNorm?.epsilon = value
      }
    }
    guard let gated else { return found }
    found += Self.epsilons.filter { $0 != gated }.map { value in
      Alternative(.epsilon, "the epsilon of the gated norm", is: value.optionText) {
        $0.mamba2?.gatedNorm?.epsilon = value
      }
    }
    found += Self.epsilons.filter { $0 != now }.map { value in
      Alternative(.epsilon, "\(name) of all norms but the gated one", is: value.optionText) {
        $0.norm.epsilon = value
      }
    }
    return found
  }

  var norms: [Alternative] {
    let names = parameters.map(\.name).filter { $0.hasSuffix("norm.weight") }
    // The norms of components have the component's name in front.
    let beforeParts = names.filter { name in
      !["attention", "mamba", "fusion", "ffn"].contains { name.contains(".\($0).") }
    }
    let groups = [beforeParts, names] + names.map { [$0] }
    var found: [Alternative] = []
    for group in groups.filter({ !$0.isEmpty }).unique {
      let title =
        group.count > 1 && group == names
        ? "all norms" : group.map(short).joined(separator: " and ")
      for (step, text) in [
        (Float(1), "1 is added to the weight of"), (-1, "1 is taken from the weight of"),
      ] {
        let change: @Sendable (Tensor) -> Tensor? = { tensor in tensor.mapped { $0 + step } }
        found.append(
          Alternative(
            .norm, "\(text) \(title)",
            changing: Dictionary(uniqueKeysWithValues: group.map { ($0, change) })))
      }
    }
    if architecture.norm.kind == .layerNorm {
      found.append(Alternative(.norm, "the norms are RMS norms") { $0.norm.kind = .rmsNorm })
    }
    return found
  }

  /// Weights with as many rows as columns, which no shape tells from their transposes. Those of experts are all
  /// turned together.
  var transposes: [Alternative] {
    let square = parameters.filter {
      let dimensions = $0.shape.dimensions
      return $0.isProjection && dimensions.count == 2 && dimensions[0] == dimensions[1]
        && dimensions[0] > 1
    }.map(\.name)
    let experts = square.filter { $0.contains(".experts.") }
    let own = square.filter { !$0.contains(".experts.") }
    var groups = own.map { [$0] }
    for name in ["up_proj", "gate_proj", "down_proj"] {
      groups.append(experts.filter { $0.hasSuffix("\(name).weight") })
    }
    if square.count > 1 { groups.append(square) }
    let change: @Sendable (Tensor) -> Tensor? = { $0.transposed }
    return groups.filter { !$0.isEmpty }.unique.map { group in
      let title =
        group.count == 1
        ? short(group[0]) + " is"
        : group == square
          ? "all square weights are" : "\(short(group[0])) and those of the other experts are"
      return Alternative(
        .transpose, "\(title) transposed",
        changing: Dictionary(uniqueKeysWithValues: group.map { ($0, change) }))
    }
  }

  /// The name below the layer's, without the ending: `attention.q_proj`.
  private func short(_ name: String) -> String {
    let ending = ".weight"
    let name = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
  }

  var residuals: [Alternative] {
    guard let value = architecture.multipliers.residual else { return [] }
    return value.misuses.map { shown, new in
      Alternative(.multiplier, "residual_multiplier", is: shown.optionText) {
        $0.multipliers.residual = new
      }
    }
  }

  var fitted: [FittedFactor] {
    guard let value = architecture.multipliers.residual else {
      return [
        FittedFactor(of: "what each part adds to the stream") { $0.multipliers.residual = $1 }
      ]
    }
    return [
      FittedFactor(.multiplier, "residual_multiplier", now: value) { $0.multipliers.residual = $1 }
    ]
  }
}
