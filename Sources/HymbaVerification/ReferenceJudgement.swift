import HymbaFormat
import HymbaModel

/// What was computed beside what a reference says.
struct ReferenceJudgement {
  private(set) var comparison: [CaptureComparison]
  /// Tensors of the reference that are no captures.
  let notCompared: [String]
  /// For names that are no captures, the capture that was perhaps meant.
  let suggestions: [String: String]
  private let reference: Reference
  private let run: ForwardRun
  private let tolerance: Tolerance
  private let isProbe: Bool
  /// What explains numbers that are none.
  private let cause: String?
  private var noise: RoundingNoise?
  /// Positions at which the reference's choice of experts was followed.
  private var followed = 0
  /// Of the first capture that differs: whether all that differs lies behind near-ties.
  private var beginsAtNearTie = false

  /// - Parameter cause: What explains that the run gave numbers that are none, if it did.
  init(
    _ reference: Reference, _ run: ForwardRun, tolerance: Tolerance, isProbe: Bool, cause: String?
  ) throws {
    self.reference = reference
    self.run = run
    self.tolerance = tolerance
    self.isProbe = isProbe
    self.cause = cause
    self.comparison = try Self.compare(run, reference, tolerance)
    self.notCompared = reference.namesBeside(Set(comparison.map(\.capture)))
    self.suggestions = notCompared.reduce(into: [:]) { suggestions, name in
      // A capture of another kind of model is no misspelling.
      guard Capture(name: name) == nil else { return }
      suggestions[name] = name.nearest(among: run.order)
    }
  }

  private static func compare(
    _ run: ForwardRun, _ reference: Reference, _ tolerance: Tolerance
  ) throws -> [CaptureComparison] {
    try run.order.compactMap { name in
      try run.tensors[name].flatMap { try reference.compare(name, with: $0, tolerance: tolerance) }
    }
  }

  /// Whether a capture is beyond its bounds, for whatever reason.
  var exceeds: Bool {
    comparison.contains { [.error, .nmse, .undetermined].contains($0.failed) }
  }

  mutating func judge(beside noise: RoundingNoise) {
    self.noise = noise
    for index in comparison.indices {
      comparison[index].judge(
        by: tolerance, noise: noise.captures[comparison[index].capture])
    }
  }

  /// Where near-ties of routers may explain what differs, compares with a pass that goes through the experts that
  /// the reference went through there.
  /// - Complexity: One pass, in which a layer is computed once for each way to break its ties.
  mutating func followReference(
    _ pass: ForwardPass, _ input: InputBatch, onLayer: @escaping (Int) -> Void
  ) throws {
    let ties = run.nearTies(noise)
    guard ties.count > 0 else { return }
    let experts = ReferenceExperts(
      reference, perToken: run.routers.mapValues(\.perToken),
      margin: { [noise] in NearTies.margin(noise: noise?.routers[$0]) })
    let other = try ForwardRun(
      pass, input, steering: experts.steering, keep: reference.expects, onLayer: onLayer)
    followed = experts.changed
    if followed > 0 {
      comparison = try Self.compare(other, reference, tolerance)
      if let noise { judge(beside: noise) }
    }
    if let first = comparison.first(where: { !$0.passed }), first.problem == nil,
      let got = other.tensors[first.capture],
      let expected = try reference.floats(first.capture, like: got)
    {
      beginsAtNearTie = ties.explain(got, expected, within: first.errorBound ?? 0)
    }
  }

  var check: Check {
    if let cause, !comparison.allSatisfy(\.passed) {
      return Check("reference", .notJudged, "NaN or infinite values were computed, as \(cause)")
    }
    return Check(
      "reference", passed: !comparison.isEmpty && comparison.allSatisfy(\.passed), detail)
  }

  private var detail: String {
    guard !comparison.isEmpty else { return "\(reference.name) holds no capture of this model" }
    let failed = comparison.count { !$0.passed }
    if let first = comparison.first(where: { !$0.passed }) {
      return
        "\(failed) of \(comparison.count) captures differ; the first in order of computation is \(first.capture): \(first.reason ?? "")"
        + (isProbe ? "; \(reference.name) holds no input, so the model was run on the probe" : "")
        + (beginsAtNearTie
          ? "; the difference begins at near-ties of a router, where rounding decides which experts are chosen, and the reference does not tell its choice"
          : "")
    }
    let worst = comparison.filter { !$0.referenceIsZero }.compactMap(\.maxRelativeError).max()
    return
      "\(comparison.count) \(comparison.count == 1 ? "capture agrees" : "captures agree")"
      + (worst.map { "; the largest relative error is \($0.shortText)" } ?? "")
      + absolute + excused + followedText
  }

  /// What is said of captures that the reference has as zeros.
  private var absolute: String {
    let zero = comparison.filter(\.referenceIsZero)
    guard let first = zero.first, let text = first.zeroText else { return "" }
    let worst = zero.compactMap(\.maxAbsError).max() ?? 0
    return
      "; the reference of \(first.capture)\(zero.count > 1 ? " and \(zero.count - 1) more" : "") is \(text), so that the absolute error counts there: \(worst.shortText)"
  }

  /// What is said of captures that agree only because rounding carries far in this model.
  private var excused: String {
    let excused = comparison.filter { $0.isBeyondDefault(tolerance) }
    guard !excused.isEmpty else { return "" }
    let noise = excused.compactMap(\.noise).max() ?? 0
    return
      "; \(excused.count) of them agree as nearly as this model's rounding lets them: that alone makes up to \(noise.shortText)"
  }

  private var followedText: String {
    guard followed > 0 else { return "" }
    return
      "; at \(followed) near-\(followed == 1 ? "tie" : "ties") of a router, which rounding breaks, the reference went through other experts, and the comparison follows it"
  }
}

extension CaptureComparison {
  /// Whether it passed only by what was measured of rounding.
  fileprivate func isBeyondDefault(_ tolerance: Tolerance) -> Bool {
    guard passed else { return false }
    var plain = self
    plain.judge(by: tolerance, noise: nil)
    return !plain.passed
  }
}

extension NearTies {
  /// Whether every sequence is as expected up to its first near-tie.
  ///
  /// - Parameters:
  ///   - got, expected: [batch, positions, width], of fewer sequences perhaps in `expected`.
  ///   - bound: Of the largest expected magnitude.
  fileprivate func explain(_ got: Tensor, _ expected: Tensor, within bound: Double) -> Bool {
    guard expected.dimensions.count == 3 else { return false }
    let (length, width) = (expected.dimensions[1], expected.dimensions[2])
    let limit = bound * Spread(expected).scale
    return (0..<expected.dimensions[0]).allSatisfy { sequence in
      let start = sequence * length * width
      // Of captures with meta positions, fewer are looked at: those in front shift the others.
      return (start..<start + min(length, settled[sequence]) * width).allSatisfy {
        abs(Double(got.values[$0]) - Double(expected.values[$0])) <= limit
      }
    }
  }
}
