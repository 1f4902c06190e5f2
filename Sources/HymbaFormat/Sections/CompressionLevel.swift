import Zstandard

/// How hard a writer tries to make sections small. Readers need not know it: every level makes the same format.
public enum CompressionLevel: String, Sendable, CaseIterable {
  /// Of floats, the plane with the exponents is compressed, and those in which few values occur.
  case fast
  /// Every plane is compressed by the frequencies of its bytes, and those of integers by repetitions as well.
  case `default`
  /// Every plane is also searched for repetitions as long as the library can. The shorter result is kept.
  case max

  /// What is tried on a plane of a tensor. The shortest result is kept.
  /// - Parameters:
  ///   - plane: The bytes of the plane.
  ///   - number: The number of the plane; 0 is the most significant one.
  ///   - type: The type of the tensor.
  func efforts(for plane: RawSpan, _ number: Int, of type: ElementType) -> [Compressor.Effort] {
    switch (self, type.isFloatingPoint) {
    case (.fast, true): number == 0 || plane.hasFewValues ? [.entropyOnly] : [.stored]
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

extension RawSpan {
  /// Whether a sample of 256 bytes has at most 128 values. Of bytes in which one bit or more is always 0, as in numbers
  /// that had a shorter type before, there are no more. Random bytes have about 162, with a deviation of 6.
  fileprivate var hasFewValues: Bool {
    var isSeen = [Bool](repeating: false, count: 256)
    for offset in stride(from: 0, to: byteCount, by: Swift.max(1, byteCount / 256)) {
      isSeen[Int(unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self))] = true
    }
    return isSeen.count(where: \.self) <= 128
  }
}
