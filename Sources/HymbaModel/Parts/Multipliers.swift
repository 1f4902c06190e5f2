extension Architecture {
  /// Factors of the whole model. Nil stands for 1.
  public struct Multipliers: Hashable, Sendable, Codable {
    /// The factor of the embedding of tokens.
    public var embedding: Double?
    /// The factor of what each part of a layer adds to the stream.
    public var residual: Double?
    /// The factor of the logits.
    public var logits: Double?
    /// The divisor of the logits.
    public var logitsDivisor: Double?

    public init(
      embedding: Double? = nil, residual: Double? = nil, logits: Double? = nil,
      logitsDivisor: Double? = nil
    ) {
      self.embedding = embedding
      self.residual = residual
      self.logits = logits
      self.logitsDivisor = logitsDivisor
    }

    /// The factor of the logits, with the divisor.
    var ofLogits: Float? {
      logits == nil && logitsDivisor == nil ? nil : Float((logits ?? 1) / (logitsDivisor ?? 1))
    }

    func validate(_ path: String) throws(ModelError) {
      try Architecture.requireFactors([
        ("\(path).embedding", embedding), ("\(path).residual", residual),
        ("\(path).logits", logits), ("\(path).logitsDivisor", logitsDivisor),
      ])
      if logitsDivisor == 0 {
        throw .option("\(path).logitsDivisor", found: "0", expected: "another number")
      }
    }
  }

  /// Checks factors that may be any finite 32-bit number.
  ///
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first that is none.
  static func requireFactors(_ factors: [(path: String, value: Double?)]) throws(ModelError) {
    for (path, value) in factors {
      guard let value, !Float(value).isFinite else { continue }
      throw .option(path, found: "\(value)", expected: "a finite number")
    }
  }
}
