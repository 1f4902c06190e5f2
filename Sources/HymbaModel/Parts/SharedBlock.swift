extension Architecture {
  /// A transformer block whose weights several layers apply. It has no residual stream inside.
  ///
  /// It computes `ffn(ffn_norm(attention(norm(concat(x, x0)))))`, where x is the residual stream and x0 the
  /// stream before the first layer. So its norm and the inputs of its q, k and v projections have the width 2 *
  /// hiddenSize.
  public struct SharedBlock: Hashable, Sendable, Codable {
    public var attention: Attention
    public var feedForward: FeedForward
    /// The number of blocks of this shape. The layers that use one take turns: the first, the second, and after
    /// the last the first again. Nil stands for one block whose parameters have no number in their names.
    public var count: Int?
    /// What each layer adds to the block's projections for its own use; nil for nothing.
    public var adapters: Adapters?

    /// Low-rank projections `up(down(x))` of each layer's own, which are added to projections of the block
    /// (Zamba2, arXiv 2411.15242, section 2).
    public struct Adapters: Hashable, Sendable, Codable {
      public var rank: Int
      /// Whether q, k and v have adapters, beside the gate and up projections of the feed forward.
      public var attention: Bool

      public init(rank: Int, attention: Bool) {
        self.rank = rank
        self.attention = attention
      }
    }

    public init(
      attention: Attention, feedForward: FeedForward, count: Int? = nil, adapters: Adapters? = nil
    ) {
      self.attention = attention
      self.feedForward = feedForward
      self.count = count
      self.adapters = adapters
    }

    /// The beginning of the names of a block's parameters.
    package func prefix(ofBlock block: Int) -> String { count == nil ? "shared" : "shared.\(block)" }
  }

  /// One layer's use of a shared block.
  package struct SharedUse: Hashable, Sendable {
    package let layer: Int
    /// The number of layers before this one that use a block.
    package let use: Int
    /// The block that the layer uses, counted from 0.
    package let block: Int
  }

  /// The uses of the shared blocks, in the order of the layers.
  package var sharedUses: [SharedUse] {
    let blocks = sharedBlock?.count ?? 1
    return layers.indices.filter { layers[$0].usesSharedBlock }.enumerated().map { use, layer in
      SharedUse(layer: layer, use: use, block: use % max(1, blocks))
    }
  }
}

extension Architecture.SharedBlock.Adapters {
  /// The projections of a block that have adapters, by their names below a layer's `adapter`, with the widths of
  /// their inputs and outputs. The adapter of the feed forward serves its gate and its up projection together:
  /// rows of the gate first.
  func projections(
    of block: Architecture.SharedBlock, hiddenSize: Int
  ) -> [(name: String, input: Int, output: Int)] {
    let shape = block.attention
    let ofAttention = [
      ("q_proj", 2 * hiddenSize, shape.queryWidth), ("k_proj", 2 * hiddenSize, shape.keyWidth),
      ("v_proj", 2 * hiddenSize, shape.valueWidth),
    ]
    return (attention ? ofAttention : [])
      + [("ffn", hiddenSize, 2 * (block.feedForward.intermediateSize ?? 0))]
  }
}
