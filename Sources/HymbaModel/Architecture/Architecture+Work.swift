import HymbaFormat

extension Architecture {
  /// Multiplications for one token, most of them followed by an addition.
  public struct Work: Hashable, Sendable {
    /// Whatever the context: projections, convolutions, scans, feed forwards, the head.
    public var perToken: Int
    /// Scores and weighted values of attention, which grow with the context.
    public var attention: Int

    public var total: Int { perToken + attention }
  }

  /// The work of one token that follows `context - 1` others.
  ///
  /// Counted is
  /// - for every projection, the number of its elements, once for each time it is applied: of experts the
  ///   chosen ones, the shared block once for each layer that uses it, the head also where it is tied; the
  ///   look-up in the embedding is none;
  /// - for a convolution, its width for each channel;
  /// - for a scan, 4 for each channel and state: dt * A, dt * x * B, decay * h, C * h;
  /// - for attention, queryWidth + outputWidth for each position seen: queries times keys, probabilities
  ///   times values.
  ///
  /// Norms, activations, gates, biases, rotations and the softmax are not counted.
  ///
  /// - Parameter inventory: Of this architecture.
  public func work(context: Int, _ inventory: ParameterInventory) -> Work {
    let applications = layers.count { $0.usesSharedBlock }
    // Less the experts that are not chosen.
    var work = Work(perToken: inventory.activeElementCount - inventory.elementCount, attention: 0)
    for parameter in inventory where parameter.isProjection {
      work.perToken += parameter.shape.elementCount * (parameter.isShared ? applications : 1)
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
