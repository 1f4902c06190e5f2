/// A place in the forward pass at which values can be captured. Its name is the one that reference files use.
public enum Capture: Hashable, Sendable {
  /// The residual stream, [batch, length, hidden]. 0 is the stream after the input projection, i + 1 the stream
  /// after layer i. Meta positions are included.
  case hiddenStates(Int)
  /// The result of a layer's attention branch as it enters the fusion, or without a fusion as it is added to
  /// the stream: [batch, length, width].
  case attention(layer: Int)
  /// The same for a layer's Mamba branch.
  case mamba(layer: Int)
  /// The fusion gate, [batch, length, hidden], within [0, 1].
  case gate(layer: Int)
  /// The result of the attention branch after its norm in a mean-of-norms fusion, [batch, length, inner].
  case attentionNormed(layer: Int)
  /// The same for the Mamba branch.
  case mambaNormed(layer: Int)
  /// The probabilities of a layer's experts, [batch, length, experts].
  case router(layer: Int)
  /// What a layer's projection of the shared block adds to the input of its mixer, [batch, length, hidden].
  case shared(layer: Int)
  /// The gate by which the result of a layer's scan is multiplied, [batch, length, inner]: silu(z), or the
  /// function of z that the model uses instead. It serves statistics only; no reference holds it.
  case mambaGate(layer: Int)
  /// The attention probabilities of one head in the first sequence, [1, length, keys], from positions behind the
  /// meta tokens to all keys: learned ones first, then those of each position. Only a pass that is asked for the
  /// head gives them, and no reference holds them.
  case attentionWeights(layer: Int, head: Int)
  /// A score for each token of the vocabulary, [batch, length, vocabulary], without meta positions.
  case logits
  /// The hidden states after the final norm, [batch, length, hidden], without meta positions.
  case lastHiddenState
  /// The hidden state of the last position, [batch, hidden]. Only models that return it have this capture.
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
    case .attentionWeights(let layer, let head): "layers.\(layer).attention_weights.\(head)"
    case .shared(let layer): "layers.\(layer).shared"
    case .logits: "logits"
    case .lastHiddenState: "last_hidden_state"
    case .output: "output"
    }
  }

  /// Whether reference files hold this capture.
  public var isRecorded: Bool {
    switch self {
    case .mambaGate, .attentionWeights: false
    default: true
    }
  }

  /// Whether it is a matrix of the first sequence alone, and not of the batch.
  var isOfFirstSequence: Bool { if case .attentionWeights = self { true } else { false } }
}

extension Capture {
  /// The captures that belong to no single layer, in the order of computation.
  public static let ofWholeModel: [Capture] = [.lastHiddenState, .logits, .output]

  /// The capture that a reference file holds under a name. Nil for any other name.
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
    // The whole name is compared, because a number can be written in several ways, such as 1 and 01.
    guard let capture = all.first(where: { $0.name == name }) else { return nil }
    self = capture
  }
}
