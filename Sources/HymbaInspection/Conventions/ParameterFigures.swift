#if canImport(Glibc)
  import Glibc
#endif

/// What was seen of one parameter's values.
package struct ParameterFigures: Sendable {
  let count: Int
  /// The number of zeros, of either sign.
  let zeros: Int
  let isFinite: Bool
  /// The value that all numbers have; nil where they differ.
  let constant: Double?
  /// The number of zeros from the last number that is not zero to the end. Those of negative sign end it too.
  let zeroTail: Int
  /// Nil where rows were not compared, as for the four after it.
  var rows: RowFigures?
  var rootMeanSquare: Double?
  var spread: ValueSpread?
  var convolution: ConvolutionFigures?
  /// Whether each row is log(1), log(2), ….
  var isFreshDecay = false

  /// Whether all numbers are zero.
  var isZero: Bool { count > 0 && zeros == count }
  /// Whether there are several numbers and more than half of them are zero.
  var isMostlyZero: Bool { count > 1 && 2 * zeros > count }
}

/// How the rows of a matrix repeat.
struct RowFigures: Sendable {
  /// The elements of a row.
  let width: Int
  /// The rows that were compared: all but those that two pieces shared.
  let count: Int
  /// The rows of zeros.
  let zero: Int
  /// The rows, other than those of zeros, that are equal to an earlier one.
  let repeated: Int

  /// - Parameters:
  ///   - hashes: The hashes of all rows.
  ///   - zero: The hash of a row of zeros.
  init(_ hashes: [UInt64], width: Int, zero: UInt64) {
    var others = hashes.filter { $0 != zero }
    others.sort()
    self.width = width
    self.count = hashes.count
    self.zero = hashes.count - others.count
    self.repeated = zip(others, others.dropFirst()).count { $0 == $1 }
  }
}

/// The distribution of a few values.
struct ValueSpread: Sendable {
  private let sorted: [Float]
  let negatives: Int
  let positives: Int

  /// - Parameter values: At least one, all finite.
  init(_ values: [Float]) {
    sorted = values.sorted()
    negatives = values.count { $0 < 0 }
    positives = values.count { $0 > 0 }
  }

  var count: Int { sorted.count }
  var least: Double { Double(sorted[0]) }
  var most: Double { Double(sorted[sorted.count - 1]) }
  var negativeShare: Double { Double(negatives) / Double(count) }
  var median: Double { quantile(0.5) }

  /// The value below which this share lies: the nearest one, without interpolation.
  func quantile(_ share: Double) -> Double {
    Double(sorted[Int((Double(count - 1) * share).rounded())])
  }
}

/// How the size of a convolution's weights changes along the taps of a channel, and along the memory.
struct ConvolutionFigures: Sendable {
  /// The channels of the branch's input.
  let channels: Int
  /// The root mean square of each tap over all channels, the one of the current position last.
  let taps: [Double]
  /// The root mean squares of the equal parts of the memory, as many as there are taps, that lie within the
  /// channels of the branch's input.
  let parts: [Double]

  /// - Parameters:
  ///   - values: [channels, taps].
  ///   - channels: The first channels, which are those of the branch's input.
  /// - Returns: Nil for fewer than 16 channels, which say little.
  init?(_ values: [Float], taps: Int, channels: Int) {
    let channels = min(channels, values.count / max(1, taps))
    guard taps > 1, channels >= 16 else { return nil }
    func size(_ picked: [Float]) -> Double {
      (picked.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, picked.count))).squareRoot()
    }
    self.channels = channels
    let own = values.prefix(channels * taps)
    self.taps = (0..<taps).map { tap in
      size(stride(from: tap, to: own.count, by: taps).map { own[$0] })
    }
    // [taps, all channels] taken for [all channels, taps] has one tap behind the other.
    let part = values.count / taps
    self.parts = (0..<min(taps, channels * taps / part)).map {
      size(Array(values[$0 * part..<($0 + 1) * part]))
    }
  }
}

extension [Double] {
  /// The value in the middle, or the mean of the two there.
  var median: Double? {
    guard !isEmpty else { return nil }
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
