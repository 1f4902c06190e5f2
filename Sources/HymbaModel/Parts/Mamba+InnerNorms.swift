extension Architecture.Mamba {
  /// The RMS norms that dt, B and C each go through.
  public enum InnerNorms: Hashable, Sendable {
    case none
    /// Each norm has a weight, and the epsilon of the model's norms.
    case weighted
    /// No norm has a weight, and their epsilon is their own (Falcon-Mamba, arXiv 2410.05355).
    case weightless(epsilon: Double)
  }
}

extension Architecture.Mamba.InnerNorms {
  /// The epsilon of norms without weights; nil for others.
  package var ownEpsilon: Double? {
    if case .weightless(let epsilon) = self { epsilon } else { nil }
  }
}

/// In a document, `true` stands for norms with weights and `false` for none, as before there were others.
extension Architecture.Mamba.InnerNorms: Codable {
  private enum CodingKeys: String, CodingKey {
    case weightless
  }

  private struct Weightless: Codable {
    var epsilon: Double
  }

  public init(from decoder: any Decoder) throws {
    if let isWeighted = try? decoder.singleValueContainer().decode(Bool.self) {
      self = isWeighted ? .weighted : .none
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self = .weightless(epsilon: try values.decode(Weightless.self, forKey: .weightless).epsilon)
  }

  public func encode(to encoder: any Encoder) throws {
    if let ownEpsilon {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(Weightless(epsilon: ownEpsilon), forKey: .weightless)
    } else {
      var value = encoder.singleValueContainer()
      try value.encode(self == .weighted)
    }
  }
}
