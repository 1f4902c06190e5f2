public import HymbaFormat
public import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// One capture beside its reference.
public struct CaptureComparison: Hashable, Sendable, Encodable {
  public var capture: String
  /// Mean squared error over the variance of the expected values; null when it is no number.
  @OrNull public var nmse: Double? = nil
  @OrNull public var maxAbsError: Double? = nil
  /// The maximum error over the largest expected magnitude.
  @OrNull public var maxRelativeError: Double? = nil
  /// For logits: share of positions at which both have the same highest score.
  @OrNull public var top1Agreement: Double? = nil
  /// For logits: mean Kullback-Leibler divergence of the computed from the expected distribution, in nats.
  @OrNull public var klDivergence: Double? = nil
  public var passed: Bool
  /// Why it cannot be compared; null when it was.
  @OrNull public var problem: String? = nil

  /// Largest tolerated error, relative to the largest expected magnitude. Float32 noise stays below 6e-6 in
  /// all recorded sets; the smallest structural mistake (another GELU) makes 3e-4.
  public static let defaultTolerance = 2e-5
  /// Largest tolerated NMSE.
  public static let largestNMSE = 1e-10

  /// A capture that cannot be compared.
  init(_ capture: String, problem: String) {
    self.capture = capture
    self.passed = false
    self.problem = problem
  }

  /// Why shapes cannot be compared: nil when they are equal but for fewer expected rows.
  static func shapeProblem(got: [Int], expected: [Int]) -> String? {
    if let rows = expected.first, let gotRows = got.first, rows > 0, rows <= gotRows,
      got.dropFirst() == expected.dropFirst()
    {
      return nil
    }
    return "its shape is \(got), the reference has \(expected)"
  }

  /// Compares `got` with `expected`, or its leading rows when fewer are expected.
  ///
  /// It passes when max|got - expected| <= tolerance * max|expected| and NMSE < 1e-10.
  public init(_ capture: String, got: Tensor, expected: Tensor, tolerance: Double) {
    self.capture = capture
    if let problem = Self.shapeProblem(got: got.dimensions, expected: expected.dimensions) {
      self.passed = false
      self.problem = problem
      return
    }
    let got = got.dimensions == expected.dimensions ? got : got.rows(0..<expected.dimensions[0])
    let count = Double(expected.values.count)
    var largest = 0.0
    var largestError = 0.0
    var squares = 0.0
    let mean = expected.values.reduce(0.0) { $0 + Double($1) } / count
    var variance = 0.0
    for (value, reference) in zip(got.values, expected.values) {
      let error = Double(value) - Double(reference)
      // NaN compares as neither larger nor smaller: carry it along explicitly.
      largestError = error.isNaN ? .nan : Swift.max(largestError, abs(error))
      largest = Swift.max(largest, abs(Double(reference)))
      squares += error * error
      variance += (Double(reference) - mean) * (Double(reference) - mean)
    }
    let nmse = squares == 0 ? 0 : squares / variance
    let relative = largestError == 0 ? 0 : largestError / largest
    self.nmse = nmse.isFinite ? nmse : nil
    self.maxAbsError = largestError.isFinite ? largestError : nil
    self.maxRelativeError = relative.isFinite ? relative : nil
    self.passed = largestError <= tolerance * largest && nmse < Self.largestNMSE
    if capture == Capture.logits.name, let size = expected.dimensions.last, size > 0 {
      compareDistributions(got, expected, size)
    }
  }

  private mutating func compareDistributions(_ got: Tensor, _ expected: Tensor, _ size: Int) {
    let rows = expected.values.count / size
    var agreeing = 0
    var divergence = 0.0
    for row in 0..<rows {
      let range = row * size..<(row + 1) * size
      let (mine, theirs) = (got.values[range], expected.values[range])
      if mine.indices.max(by: { mine[$0] < mine[$1] })
        == theirs.indices.max(by: { theirs[$0] < theirs[$1] })
      {
        agreeing += 1
      }
      let (p, q) = (logProbabilities(theirs), logProbabilities(mine))
      divergence += zip(p, q).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
    top1Agreement = Double(agreeing) / Double(rows)
    let mean = divergence / Double(rows)
    klDivergence = mean.isFinite ? mean : nil
  }

  private func logProbabilities(_ scores: ArraySlice<Float>) -> [Double] {
    let largest = Double(scores.max() ?? 0)
    let total = log(scores.reduce(0.0) { $0 + exp(Double($1) - largest) })
    return scores.map { Double($0) - largest - total }
  }
}
