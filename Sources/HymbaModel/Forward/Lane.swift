/// One run of a model on an input. Several lanes go through a model side by side, so that its weights are read once.
public struct Lane: Sendable {
  public let input: InputBatch
  /// Positions of each sequence that are computed, from the first on; at least one.
  public let positions: Int
  /// Whether positions go one at a time, each layer knowing the past only by its caches, as in decoding; otherwise
  /// all go together.
  public let isStepwise: Bool

  private init(_ input: InputBatch, positions: Int, isStepwise: Bool) {
    self.input = input
    self.positions = max(1, min(positions, input.length))
    self.isStepwise = isStepwise
  }

  /// All positions of `input` together: a full pass.
  public static func together(_ input: InputBatch) -> Lane {
    Lane(input, positions: input.length, isStepwise: false)
  }

  /// The first `positions` of each sequence of `input`, one at a time.
  public static func stepwise(_ input: InputBatch, positions: Int) -> Lane {
    Lane(input, positions: positions, isStepwise: true)
  }
}

/// What a pass gave.
public struct PassResult: Sendable {
  /// Of the first lane: the last position's hidden state [batch, hidden], logits [batch, seq, vocabulary], or
  /// without a head the last hidden states [batch, seq, hidden].
  public let output: Tensor
  /// Of the first lane, after the final norm and without meta positions: [batch, positions, hidden].
  public let lastHiddenState: Tensor
  /// The same of every other lane.
  public let beside: [Tensor]
}
