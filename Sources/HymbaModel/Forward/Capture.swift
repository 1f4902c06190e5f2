/// A place in the forward pass where its values can be looked at, under the name that reference files use.
public enum Capture: Hashable, Sendable {
  /// 0: after the input projection; i + 1: after layer i. Meta positions included.
  case hiddenStates(Int)
  /// The branches of a layer as they enter the fusion.
  case attention(layer: Int)
  case mamba(layer: Int)
  /// The fusion gate, within [0, 1].
  case gate(layer: Int)
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
    case .lastHiddenState: "last_hidden_state"
    case .output: "output"
    }
  }
}
