import HymbaFormat

extension Architecture {
  /// A number of multiplications for one token. Most of them are followed by an addition.
  public struct Work: Hashable, Sendable {
    /// The work that does not depend on the context: projections, convolutions, scans, feed forwards, the
    /// head.
    public var perToken: Int
    /// The work that grows with the context: the scores and the weighted values of attention.
    public var attention: Int

    public var total: Int { perToken + attention }
  }

  /// The work of one token that follows `context - 1` others.
  ///
  /// These operations are counted:
  /// - for each projection, one multiplication for each of its weights, each time that it is applied. Of the
  ///   experts only the chosen ones count, the shared block counts once for each layer that uses it, and the
  ///   head counts even where it is tied. The look-up in the embedding does not count;
  /// - for a convolution, its width for each channel;
  /// - for a scan, 4 for each channel and state: dt * A, dt * x * B, decay * h, C * h; in Mamba-2, whose decay is
  ///   one number for each head, 3;
  /// - for attention, queryWidth + outputWidth for each position seen: queries times keys, probabilities
  ///   times values.
  ///
  /// Norms, activations, gates, biases, rotations and the softmax are not counted.
  ///
  /// - Parameters:
  ///     - context: Tokens of the sequence, this one included.
  ///     - inventory: The parameters of this architecture.
  /// - Complexity: Linear in the number of parameters of the inventory (not in their elements).
  public func work(context: Int, _ inventory: ParameterInventory) -> Work {
    let applications = Dictionary(grouping: sharedUses, by: \.block).mapValues(\.count)
    // The experts that are not chosen are subtracted here, because the loop counts all experts.
    var work = Work(perToken: inventory.activeElementCount - inventory.elementCount, attention: 0)
    for parameter in inventory where parameter.isProjection {
      let uses = parameter.sharedBlock.map { applications[$0, default: 0] } ?? 1
      work.perToken += parameter.shape.elementCount * uses
    }
    if output == .tiedLogits { work.perToken += input.size * hiddenSize }
    for layer in layers {
      for (_, component) in layer.components { work.perToken += component.workPerToken }
      if let attention = attention(in: layer) {
        work.attention +=
          attention.workPerSeenPosition
          * (metaTokens.keyValueCount + seen(attention.window, context: context))
      }
    }
    return work
  }
}
