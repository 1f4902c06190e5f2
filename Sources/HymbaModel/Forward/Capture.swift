/// A place in the forward pass where its values can be looked at, under the name that reference files use.
public enum Capture: Hashable, Sendable {
  /// 0: after the input projection; i + 1: after layer i. Meta positions included.
  case hiddenStates(Int)
  /// The branches of a layer as they enter the fusion; without one, as they are added to the stream.
  case attention(layer: Int)
  case mamba(layer: Int)
  /// The fusion gate, within [0, 1].
  case gate(layer: Int)
  /// The branches after the two norms of a mean-of-norms fusion.
  case attentionNormed(layer: Int)
  case mambaNormed(layer: Int)
  /// Probabilities of a layer's experts, [batch, length, experts].
  case router(layer: Int)
  /// What a layer's projection of the shared block adds to the input of its mixer.
  case shared(layer: Int)
  /// silu(z), by which a layer's scan is multiplied: for statistics, no reference holds it.
  case mambaGate(layer: Int)
  /// A score for each token of the vocabulary, without meta positions.
  case logits
  /// After the final norm, without meta positions.
  case lastHiddenState
  /// The last position's hidden state: what the model returns.
  case output

  public var name: String {
    switch self {
    case .hiddenStates(let index): "hidden_states.\(index)"
    case .attention(let layer): "layers.\(layer).attention"
    case .mamba(let layer): "layers.\(layer).mamba"
    case .gate(let layer): "layers.\(layer).gate"
    case .attentionNormed(let layer): "layers.\(layer).attention_normed"
    case .mambaNormed(let layer): "layers.\(layer).mamba_normed"
    case .mambaGate(let layer): "layers.\(layer).mamba_gate"
    case .router(let layer): "layers.\(layer).router"
    case .shared(let layer): "layers.\(layer).shared"
    case .logits: "logits"
    case .lastHiddenState: "last_hidden_state"
    case .output: "output"
    }
  }

  /// Whether reference files hold it.
  public var isRecorded: Bool { if case .mambaGate = self { false } else { true } }
}

extension Capture {
  /// Those that belong to no single layer, in the order of computation.
  public static let ofWholeModel: [Capture] = [.lastHiddenState, .logits, .output]

  /// The capture that a reference file holds under a name; nil for any other name.
  public init?(name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let number = parts.count > 1 ? Int(parts[1]) : nil
    let all: [Capture] =
      number.map { number in
        [
          .hiddenStates(number), .attention(layer: number), .mamba(layer: number),
          .gate(layer: number), .attentionNormed(layer: number), .mambaNormed(layer: number),
          .router(layer: number), .shared(layer: number),
        ]
      } ?? Self.ofWholeModel
    // Compared with the whole name, as numbers are written in more than one way.
    guard let capture = all.first(where: { $0.name == name }) else { return nil }
    self = capture
  }
}
