public import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// One capture beside its reference.
public struct CaptureComparison: Hashable, Sendable, Encodable {
  public var capture: String
  /// Mean squared error over the variance of the expected values; null when it is no number.
  public var nmse: Double?
  public var maxAbsError: Double?
  /// The maximum error over the largest expected magnitude.
  public var maxRelativeError: Double?
  /// For logits: share of positions at which both have the same highest score.
  public var top1Agreement: Double?
  /// For logits: mean Kullback-Leibler divergence of the computed from the expected distribution, in nats.
  public var klDivergence: Double?
  public var passed: Bool
  /// Why it cannot be compared; null when it was.
  public var problem: String?

  private enum Key: String, CodingKey {
    case capture, nmse, maxAbsError, maxRelativeError, top1Agreement, klDivergence, passed, problem
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(capture, forKey: .capture)
    try container.encode(nmse, forKey: .nmse)
    try container.encode(maxAbsError, forKey: .maxAbsError)
    try container.encode(maxRelativeError, forKey: .maxRelativeError)
    try container.encode(top1Agreement, forKey: .top1Agreement)
    try container.encode(klDivergence, forKey: .klDivergence)
    try container.encode(passed, forKey: .passed)
    try container.encode(problem, forKey: .problem)
  }

  /// Largest tolerated error, relative to the largest expected magnitude. Float32 noise stays below
  /// 3.3e-6; the smallest structural mistake (another GELU) makes 3e-4.
  public static let defaultTolerance = 2e-5
  /// Largest tolerated NMSE.
  public static let largestNMSE = 1e-10

  /// Compares `got` with `expected`, or its leading rows when fewer are expected.
  ///
  /// It passes when max|got - expected| <= tolerance * max|expected| and NMSE < 1e-10.
  public init(_ capture: String, got: Tensor, expected: Tensor, tolerance: Double) {
    self.capture = capture
    let rows = expected.dimensions.first ?? 0
    guard let gotRows = got.dimensions.first, rows > 0, rows <= gotRows,
      got.dimensions.dropFirst() == expected.dimensions.dropFirst()
    else {
      self.passed = false
      self.problem = "its shape is \(got.dimensions), the reference has \(expected.dimensions)"
      return
    }
    let got = rows == gotRows ? got : got.rows(0..<rows)
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
