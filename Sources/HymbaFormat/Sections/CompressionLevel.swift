import Zstandard

/// How hard a writer tries to make sections small. Readers need not know it: every level makes the same format.
public enum CompressionLevel: String, Sendable, CaseIterable {
  /// Only the plane with the exponents is compressed.
  case fast
  /// Every plane is compressed by the frequencies of its bytes, and those of integers by repetitions as well.
  case `default`
  /// Every plane is also searched for repetitions as long as the library can. The shorter result is kept.
  case max

  /// What is tried on a plane of a tensor of this type. The shortest result is kept.
  func efforts(forPlane plane: Int, of type: ElementType) -> [Compressor.Effort] {
    switch (self, type.isFloatingPoint) {
    case (.fast, true): plane == 0 ? [.entropyOnly] : [.stored]
    case (.fast, false): [.level(1)]
    case (.default, true): [.entropyOnly]
    case (.default, false): [.level(3)]
    case (.max, true): [.entropyOnly, .level(19)]
    case (.max, false): [.level(19)]
    }
  }

  /// What is tried on the positions of the elements that differ from a base, and on the planes of their values.
  /// - Parameter isLowestPlane: Whether these are the lowest bytes of the values, which do not repeat.
  func differenceEfforts(isLowestPlane: Bool) -> [Compressor.Effort] {
    // Positions repeat where whole rows changed. Upper planes are mostly zeros, each of which takes a bit at least
    // where nothing is searched for.
    (isLowestPlane ? [.entropyOnly] : [.entropyOnly, .level(1)]) + (self == .max ? [.level(19)] : [])
  }
}
