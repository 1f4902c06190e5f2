public import HymbaFormat
public import HymbaModel

/// The comparison of one capture with its reference.
public struct CaptureComparison: Hashable, Sendable, Encodable {
  public var capture: String
  /// The mean squared error divided by the variance of the expected values. Null when it is not a finite
  /// number, and when the expected values vary by no more than their own rounding. Equal values give 0.
  @OrNull public var nmse: Double? = nil
  /// The largest absolute error; null when it is not finite.
  @OrNull public var maxAbsError: Double? = nil
  /// The largest error divided by the largest expected magnitude. Where the reference is zero, the largest
  /// error itself.
  @OrNull public var maxRelativeError: Double? = nil
  /// Whether all values of the reference are zero to the precision of 32 bits. Errors are absolute then.
  public var referenceIsZero: Bool { measures?.expected.isZero ?? false }
  /// The error that rounding alone makes in this model, relative in the same way as `maxRelativeError`. Null
  /// when it was not measured.
  @OrNull public var noise: Double? = nil
  /// The largest allowed `maxRelativeError`; null when nothing was compared.
  @OrNull public var errorBound: Double? = nil
  /// The largest allowed `nmse`; null when nothing was compared.
  @OrNull public var nmseBound: Double? = nil
  /// For logits, the share of positions at which both sides have the same highest score; null for other
  /// captures.
  @OrNull public var top1Agreement: Double? = nil
  /// For logits, the mean Kullback-Leibler divergence of the computed from the expected distribution, in nats;
  /// null for other captures.
  @OrNull public var klDivergence: Double? = nil
  public var passed: Bool { failed == nil }
  /// The criterion that the capture failed; null when it passed.
  @OrNull public var failed: Criterion? = nil
  /// Why the capture cannot be compared; null when it was compared.
  @OrNull public var problem: String? = nil
  /// The statistic that differs most, such as `standard deviation`, where the reference holds statistics alone. Null
  /// where values were compared.
  @OrNull public var statistic: String? = nil
  /// The number of sequences that were compared, from the first on; null where nothing was compared.
  @OrNull package private(set) var sequences: Int? = nil
  private var measures: Measures?

  /// The criteria that a capture can fail.
  public enum Criterion: String, Sendable, Encodable {
    /// The largest error is beyond its bound.
    case error
    case nmse
    /// The error or the NMSE is beyond its bound, but rounding alone moves the value so far that the model
    /// itself does not determine it.
    case undetermined
    case shape, type
    /// The reference holds NaN or infinite values, or no values at all.
    case reference
  }

  fileprivate struct Measures: Hashable, Sendable {
    let difference: Difference
    let expected: Spread
  }

  private enum CodingKeys: String, CodingKey {
    case capture, nmse, maxAbsError, maxRelativeError, referenceIsZero, noise, errorBound, nmseBound
    case top1Agreement, klDivergence, passed, failed, problem, statistic, sequences
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(capture, forKey: .capture)
    for (value, key) in [
      (nmse, CodingKeys.nmse), (maxAbsError, .maxAbsError), (maxRelativeError, .maxRelativeError),
      (noise, .noise), (errorBound, .errorBound), (nmseBound, .nmseBound),
      (top1Agreement, .top1Agreement), (klDivergence, .klDivergence),
    ] { try container.encode(value, forKey: key) }
    try container.encode(referenceIsZero, forKey: .referenceIsZero)
    try container.encode(passed, forKey: .passed)
    try container.encode(failed, forKey: .failed)
    try container.encode(problem, forKey: .problem)
    try container.encode(statistic, forKey: .statistic)
    try container.encode(sequences, forKey: .sequences)
  }

  /// A capture that cannot be compared.
  init(_ capture: String, _ failed: Criterion, problem: String) {
    self.capture = capture
    self.failed = failed
    self.problem = problem
  }

  /// Why two shapes cannot be compared. Nil when they are equal, or when only the number of expected rows is
  /// smaller.
  static func shapeProblem(got: [Int], expected: [Int]) -> String? {
    if let rows = expected.first, let gotRows = got.first, rows > 0, rows <= gotRows,
      got.dropFirst() == expected.dropFirst()
    {
      return nil
    }
    return "its shape is \(got), the reference has \(expected)"
  }

  /// Compares `got` with `expected`. Where `expected` has fewer rows along the first dimension, only the first
  /// rows of `got` are compared.
  ///
  /// - Complexity: Reads each value a few times.
  public init(_ capture: String, got: Tensor, expected: Tensor, tolerance: Tolerance = Tolerance())
  {
    if let problem = Self.shapeProblem(got: got.dimensions, expected: expected.dimensions) {
      self.init(capture, .shape, problem: problem)
      return
    }
    guard !expected.values.isEmpty else {
      self.init(capture, .reference, problem: "the reference holds no value of it")
      return
    }
    let wrong = expected.values.count { !$0.isFinite }
    guard wrong == 0 else {
      let nan = expected.values.count(where: \.isNaN)
      self.init(
        capture, .reference,
        problem:
          "the reference itself holds \(nan) NaN and \(wrong - nan) infinite of \(expected.values.count) values"
      )
      return
    }
    let got = got.dimensions == expected.dimensions ? got : got.rows(0..<expected.dimensions[0])
    self.init(
      capture, Measures(difference: Difference(got, expected), expected: Spread(expected)))
    self.sequences = expected.dimensions.first
    judge(by: tolerance, noise: nil)
    if capture == Capture.logits.name, let size = expected.dimensions.last, size > 0 {
      let agreement = DistributionAgreement(got, expected, size)
      self.top1Agreement = agreement.top1
      self.klDivergence = agreement.divergence
    }
  }

  /// Compares the statistics of `got` with recorded ones. Where those are of fewer rows along the first dimension,
  /// only the first rows of `got` count. All statistics must agree as values must: within the same error, relative
  /// to the largest expected magnitude.
  ///
  /// - Parameter dimensions: The recorded dimensions.
  /// - Complexity: Reads each value of `got` a few times.
  init(
    _ capture: String, got: Tensor, expected: CaptureStatistics, dimensions: [Int],
    tolerance: Tolerance
  ) {
    if let problem = Self.shapeProblem(got: got.dimensions, expected: dimensions) {
      self.init(capture, .shape, problem: problem)
      return
    }
    let rows = got.dimensions == dimensions ? got : got.rows(0..<dimensions[0])
    var difference = Difference()
    // Values that are not finite have no statistics.
    let (name, largest) =
      CaptureStatistics(rows).map { $0.largestDifference(from: expected) } ?? ("mean", .nan)
    difference.largest = largest
    self.init(
      capture, Measures(difference: difference, expected: Spread(largest: expected.largest)))
    self.statistic = name
    self.sequences = dimensions.first
    self.nmse = nil
    judge(by: tolerance, noise: nil)
  }

  private init(_ capture: String, _ measures: Measures) {
    self.capture = capture
    self.measures = measures
    let largest = measures.difference.largest
    let relative = largest / measures.expected.scale
    self.maxAbsError = largest.isFinite ? largest : nil
    self.maxRelativeError = relative.isFinite ? relative : nil
    self.nmse = measures.nmse(of: measures.difference)
  }

  /// Judges the measured differences: max|got - expected| and the NMSE must be within their bounds.
  ///
  /// A mean squared error that rounding of the expected values alone may cause is no failure. Where the
  /// expected values vary by no more than rounding, only the largest error counts. Where the reference is zero,
  /// no error can be relative, and the bound is an absolute one.
  ///
  /// - Parameter noise: What rounding alone does to the capture; nil where it was not measured.
  mutating func judge(by tolerance: Tolerance, noise: Difference?) {
    guard let measures else { return }
    let (difference, expected) = (measures.difference, measures.expected)
    let noise = noise.map { (error: $0.largest / expected.scale, nmse: measures.nmse(of: $0)) }
    let errorBound = tolerance.errorBound(noise: noise?.error)
    let nmseBound = tolerance.nmseBound(noise: noise?.nmse)
    self.noise = (noise?.error).flatMap { $0.isFinite ? $0 : nil }
    self.errorBound = errorBound
    self.nmseBound = statistic == nil ? nmseBound : nil
    failed = nil
    if !(difference.largest <= errorBound * expected.scale) {
      failed = .error
    } else if expected.varies,
      difference.meanSquare > nmseBound * expected.variance,
      tolerance.nmse != nil || difference.meanSquare > expected.rounding
    {
      failed = .nmse
    }
    if failed != nil, tolerance.isExhausted(noise: noise?.error) { failed = .undetermined }
  }

  /// What is wrong with the capture, as one clause; nil when it passed.
  var reason: String? {
    func text(_ value: Double?) -> String { value?.shortText ?? "no number" }
    let bound = noise == nil ? "" : ", where rounding alone makes \(text(noise))"
    let error =
      (statistic.map { "its \($0) differs by \(text(maxRelativeError)) " }
        ?? "its error is \(text(maxRelativeError)) ")
      + (zeroText.map { "beside a reference that is \($0)" } ?? "of the largest value")
    switch failed {
    case nil: return nil
    case .error where maxAbsError == nil: return "it holds values that are NaN or infinite"
    case .error: return "\(error), at most \(text(errorBound)) is allowed\(bound)"
    case .nmse: return "its NMSE is \(text(nmse)), at most \(text(nmseBound)) is allowed"
    case .undetermined:
      return
        "\(error), but rounding alone makes \(text(noise)): in 32 bits this model does not determine it"
    case .shape, .type, .reference: return problem
    }
  }

  /// The words for a reference whose values are zero to the precision of 32 bits; nil for any other reference.
  var zeroText: String? {
    guard let expected = measures?.expected, expected.isZero else { return nil }
    return expected.largest == 0
      ? "zero throughout" : "zero but for values up to \(expected.largest.shortText)"
  }
}

extension CaptureComparison.Measures {
  /// The normalised mean squared error. Nil where the expected values vary by no more than rounding, or the
  /// result is not finite.
  fileprivate func nmse(of difference: Difference) -> Double? {
    if difference.meanSquare == 0 { return 0 }
    guard expected.varies else { return nil }
    let nmse = difference.meanSquare / expected.variance
    return nmse.isFinite ? nmse : nil
  }
}
