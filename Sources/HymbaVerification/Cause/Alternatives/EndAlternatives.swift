import HymbaModel

/// What may be meant otherwise before the first layer and behind the last one.
struct EndAlternatives {
  let architecture: Architecture
  let inventory: ParameterInventory

  // MARK: The embedding

  var ofEmbedding: [Alternative] {
    guard case .tokens = architecture.input else { return [] }
    let root = Double(architecture.hiddenSize).squareRoot()
    var found: [Alternative] = []
    for (shown, new) in architecture.multipliers.embedding?.misuses ?? [] {
      found.append(embedding(shown.optionText, new))
    }
    found.append(embedding("sqrt(\(architecture.hiddenSize))", root))
    return found
  }

  private func embedding(_ text: String, _ value: Double?) -> Alternative {
    Alternative(.multiplier, "embedding_multiplier", is: text) { $0.multipliers.embedding = value }
  }

  var fittedOfEmbedding: [FittedFactor] {
    guard case .tokens = architecture.input else { return [] }
    return [
      FittedFactor(
        .multiplier, "embedding_multiplier", now: architecture.multipliers.embedding ?? 1
      ) { $0.multipliers.embedding = $1 }
    ]
  }

  // MARK: The final norm and the head

  var ofHead: [Alternative] {
    let whole = WholeAlternatives(
      architecture: architecture,
      parameters: inventory.filter {
        $0.name.hasPrefix("final_norm.") || $0.name.hasPrefix("lm_head.")
      }, prefix: "", gatedEpsilon: nil)
    return whole.epsilons + whole.norms + whole.transposes + logits + ties
  }

  private var logits: [Alternative] {
    let now = architecture.multipliers
    var found: [Alternative] = []
    func add(
      _ option: String, _ value: Double?,
      _ set: @escaping @Sendable (inout Architecture.Multipliers, Double?) -> Void
    ) {
      guard let value else { return }
      for (shown, new) in value.misuses + [(1 / value, 1 / value)] {
        found.append(
          Alternative(.multiplier, option, is: shown.optionText) { set(&$0.multipliers, new) })
      }
    }
    add("lm_head_multiplier", now.logits) { $0.logits = $1 }
    add("logits_scaling", now.logitsDivisor) { $0.logitsDivisor = $1 }
    return found
  }

  /// The token embedding as the head, in place of the head's own weights.
  private var ties: [Alternative] {
    guard architecture.output == .logits else { return [] }
    return [Alternative(.parts, "tie_word_embeddings is true") { $0.output = .tiedLogits }]
  }

  var fittedOfHead: [FittedFactor] {
    let now = architecture.multipliers
    guard architecture.output.isLogits else { return [] }
    if let value = now.logitsDivisor {
      return [
        FittedFactor(.multiplier, "logits_scaling", now: value) {
          $0.multipliers.logitsDivisor = $1
        }
      ]
    }
    return [
      now.logits.map { value in
        FittedFactor(.multiplier, "lm_head_multiplier", now: value) { $0.multipliers.logits = $1 }
      } ?? FittedFactor(of: "the result of the head") { $0.multipliers.logits = $1 }
    ].compactMap(\.self)
  }
}
