/// One run of a model on an input. Several lanes go through a model side by side, so that its weights are read
/// once for all of them.
public struct Lane: Sendable {
  public let input: InputBatch
  /// The number of leading positions of each sequence that are computed; at least one.
  public let positions: Int
  /// Whether positions go one at a time, as in decoding, so that each layer knows earlier positions only from
  /// its caches. Otherwise all positions go together.
  public let isStepwise: Bool

  private init(_ input: InputBatch, positions: Int, isStepwise: Bool) {
    self.input = input
    self.positions = max(1, min(positions, input.length))
    self.isStepwise = isStepwise
  }

  /// A full pass: all positions of `input` together.
  public static func together(_ input: InputBatch) -> Lane {
    Lane(input, positions: input.length, isStepwise: false)
  }

  /// The first `positions` positions of each sequence of `input`, one at a time.
  public static func stepwise(_ input: InputBatch, positions: Int) -> Lane {
    Lane(input, positions: positions, isStepwise: true)
  }
}

/// The results of a pass.
public struct PassResult: Sendable {
  /// The first lane's output: the hidden state of the last position [batch, hidden], logits [batch, seq,
  /// vocabulary], or for a model without a head the last hidden states [batch, seq, hidden].
  public let output: Tensor
  /// The first lane's hidden states after the final norm, without meta positions: [batch, positions, hidden].
  public let lastHiddenState: Tensor
  /// The same hidden states of each other lane.
  public let beside: [Tensor]
}
