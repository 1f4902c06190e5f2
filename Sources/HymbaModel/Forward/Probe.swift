/// The input on which a model is tried when none is given.
public enum Probe {
  public static let batch = 2
  public static let positions = 16
  public static let seed: UInt64 = 1

  /// The probe for an architecture, from SplitMix64 numbers row by row. The upper 24 bits of a number, scaled
  /// to [-1, 1), make a feature. The remainder of a number by the size of the vocabulary makes a token
  /// id.
  ///
  /// - Returns: [batch, positions, size] features, or [batch, positions] token ids.
  public static func input(for architecture: Architecture) -> InputBatch {
    var generator = SplitMix64(seed: seed)
    switch architecture.input {
    case .features(let size):
      let values = (0..<batch * positions * size).map { _ in SplitMix64.unit(generator.next()) }
      return .features(Tensor([batch, positions, size], values))
    case .tokens(let size):
      let ids = (0..<batch * positions).map { _ in Int(generator.next() % UInt64(size)) }
      return .tokens(ids, batch: batch)
    }
  }
}
