/// The input that a model is tried with when none is given.
public enum Probe {
  public static let batch = 2
  public static let positions = 16
  public static let seed: UInt64 = 1

  /// SplitMix64 numbers, the upper 24 bits of each scaled to [-1, 1), row by row: [batch, positions, size].
  public static func features(size: Int) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let count = batch * positions * size
    return Tensor(
      [batch, positions, size], (0..<count).map { _ in SplitMix64.unit(generator.next()) })
  }
}
