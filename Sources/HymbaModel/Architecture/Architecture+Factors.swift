extension Architecture {
  /// The names of the factors that belong to the model as a whole.
  package static let modelFactorNames: Set = ["embedding", "logits"]

  /// The names of the factors that belong to one layer.
  package static let layerFactorNames: Set = [
    "attention_input", "attention_key", "attention_output", "mamba_input", "mamba_z", "mamba_x",
    "mamba_B", "mamba_C", "mamba_time_step", "mamba_output", "gate", "down",
  ]

  /// The factors of a model and one of its layers that are not 1, by the names that layouts use for them.
  ///
  /// - Parameter index: The layer, counted from 0; nil gives the factors of the model alone.
  package func factors(layer index: Int?) -> [String: Double] {
    var factors: [String: Double] = [:]
    factors["embedding"] = multipliers.embedding
    factors["logits"] = multipliers.logits
    guard let index, layers.indices.contains(index) else { return factors }
    let layer = layers[index]
    factors["attention_input"] = layer.attention?.inputMultiplier
    factors["attention_key"] = layer.attention?.keyMultiplier
    factors["attention_output"] = layer.attention?.outputMultiplier
    let ofMamba = layer.mamba2?.multipliers
    factors["mamba_input"] = ofMamba?.input
    factors["mamba_z"] = ofMamba?.z
    factors["mamba_x"] = ofMamba?.x
    factors["mamba_B"] = ofMamba?.B
    factors["mamba_C"] = ofMamba?.C
    factors["mamba_time_step"] = ofMamba?.timeStep
    factors["mamba_output"] = ofMamba?.output
    factors["gate"] = layer.feedForward.network?.gateMultiplier
    factors["down"] = layer.feedForward.network?.outputMultiplier
    return factors
  }
}
