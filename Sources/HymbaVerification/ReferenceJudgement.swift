import HymbaFormat
import HymbaModel

/// Compares the captures of a run with those of a reference, and judges them.
struct ReferenceJudgement {
  private(set) var comparison: [CaptureComparison]
  /// The tensors of the reference that were not compared with a capture.
  let notCompared: [String]
  /// For names that are no captures, the capture that the user perhaps meant.
  let suggestions: [String: String]
  let reference: Reference
  private let run: ForwardRun
  let tolerance: Tolerance
  let layers: Int
  let isProbe: Bool
  /// The explanation of values that are NaN or infinite; nil if there are none.
  private let cause: String?
  private(set) var noise: RoundingNoise?
  /// The number of positions at which the reference's choice of experts was followed.
  private var followed = 0
  /// Whether the first capture that differs does so only behind near-ties.
  private(set) var beginsAtNearTie = false

  /// - Parameters:
  ///   - layers: The number of layers of the model.
  ///   - cause: The explanation of NaN or infinite values in the run; nil if there are none.
  /// - Throws: The errors of reading the reference.
  init(
    _ reference: Reference, _ run: ForwardRun, layers: Int, tolerance: Tolerance, isProbe: Bool,
    cause: String?
  ) throws {
    self.reference = reference
    self.run = run
    self.tolerance = tolerance
    self.layers = layers
    self.isProbe = isProbe
    self.cause = cause
    self.comparison = try Self.compare(run, reference, tolerance, layers: layers)
    self.notCompared = reference.namesBeside(Set(comparison.map(\.capture)))
    self.suggestions = notCompared.reduce(into: [:]) { suggestions, name in
      // A capture that another kind of model has is not a misspelling.
      guard Capture(name: name) == nil else { return }
      suggestions[name] = name.nearest(among: run.order)
    }
  }

  private static func compare(
    _ run: ForwardRun, _ reference: Reference, _ tolerance: Tolerance, layers: Int
  ) throws -> [CaptureComparison] {
    try run.order.compactMap { name in
      try run.tensors[name].flatMap {
        try reference.compare(
          name, with: $0, tolerance: tolerance.ofReference(name, layers: layers))
      }
    }
  }

  /// Whether the error or the NMSE of a capture is beyond its bound.
  var exceeds: Bool {
    comparison.contains { [.error, .nmse, .undetermined].contains($0.failed) }
  }

  /// Judges all captures again, with bounds that allow for rounding in this model.
  mutating func judge(beside noise: RoundingNoise) {
    self.noise = noise
    for index in comparison.indices {
      let name = comparison[index].capture
      comparison[index].judge(
        by: tolerance.ofReference(name, layers: layers), noise: noise.captures[name])
    }
  }

  /// Follows the reference's choice of experts. Where near-ties of routers may explain a difference, this
  /// compares the reference with a pass that goes through the experts that the reference went through there.
  ///
  /// - Throws: The errors of the pass and of reading the reference.
  /// - Complexity: One pass, in which the experts of a layer are computed once for each way to break its ties.
  mutating func followReference(
    _ pass: ForwardPass, _ input: InputBatch, onLayer: @escaping (Int) -> Void
  ) throws {
    let ties = run.nearTies(noise)
    guard ties.count > 0 else { return }
    let experts = ReferenceExperts(
      reference, choosers: run.routers.mapValues(\.chooser),
      margin: { [noise] in NearTies.margin(noise: noise?.routers[$0]) })
    let other = try ForwardRun(
      pass, input, steering: experts.steering, keep: reference.expects, onLayer: onLayer)
    followed = experts.changed
    if followed > 0 {
      comparison = try Self.compare(other, reference, tolerance, layers: layers)
      if let noise { judge(beside: noise) }
    }
    if let first = comparison.first(where: { !$0.passed }), first.problem == nil,
      let got = other.tensors[first.capture],
      let expected = try reference.floats(first.capture, like: got)
    {
      beginsAtNearTie = ties.explain(got, expected, within: first.errorBound ?? 0)
    }
  }

  /// The first capture of the stream behind one that differs, if it agrees; nil where it differs as well, or where
  /// there is none.
  func agreementBehind(_ first: CaptureComparison) -> String? {
    guard let start = comparison.firstIndex(where: { $0.capture == first.capture }) else { return nil }
    let next = comparison[(start + 1)...].first {
      if case .hiddenStates? = Capture(name: $0.capture) { true } else { false }
    }
    return next.flatMap { $0.passed ? $0.capture : nil }
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
        "\(reference.isStatistics ? "the statistics of " : "")\(failed) of \(comparison.count) captures differ; the first in order of computation is \(first.capture): \(first.reason ?? "")"
        + coverage
        + (isProbe ? "; \(reference.name) holds no input, so the model was run on the probe" : "")
        + (beginsAtNearTie
          ? "; the difference begins at near-ties of a router, where rounding decides which experts are chosen, and the reference does not tell its choice"
          : "")
    }
    let worst = comparison.filter { !$0.referenceIsZero }.compactMap(\.maxRelativeError).max()
    return
      agreement + (tolerance.like.map { " as nearly as a run in \($0.title) lets them" } ?? "") + coverage
      + (worst.map {
        "; the largest relative \(reference.isStatistics ? "difference" : "error") is \($0.shortText)"
      } ?? "")
      + absolute + excused + followedText
  }

  /// The words for a reference of fewer sequences than were run; empty for one of all.
  private var coverage: String {
    let run = run.lastHiddenState.dimensions.first ?? 0
    return ComparedSequences(comparison.compactMap(\.sequences), of: run).map { "; \($0.words)" } ?? ""
  }

  /// Statistics that agree do not say that values do, so other words are used for them.
  private var agreement: String {
    let count = comparison.count
    guard reference.isStatistics else {
      return "\(count) \(count == 1 ? "capture agrees" : "captures agree")"
    }
    let bound = comparison.compactMap(\.errorBound).max() ?? 0
    return
      "statistics agree, of \(count == 1 ? "1 capture" : "\(count) captures"), each within \(bound.shortText) of the largest value; the values themselves were not kept"
  }

  /// The words for captures of which the reference is zero; empty if there are none.
  private var absolute: String {
    let zero = comparison.filter(\.referenceIsZero)
    guard let first = zero.first, let text = first.zeroText else { return "" }
    let worst = zero.compactMap(\.maxAbsError).max() ?? 0
    return
      "; the reference of \(first.capture)\(zero.count > 1 ? " and \(zero.count - 1) more" : "") is \(text), so that the absolute error counts there: \(worst.shortText)"
  }

  /// The words for captures that agree only because rounding carries far in this model; empty if there are
  /// none.
  private var excused: String {
    let excused = comparison.filter {
      $0.isBeyondDefault(tolerance.ofReference($0.capture, layers: layers))
    }
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
  /// Whether the capture passed only because of the measured rounding.
  fileprivate func isBeyondDefault(_ tolerance: Tolerance) -> Bool {
    guard passed else { return false }
    var plain = self
    plain.judge(by: tolerance, noise: nil)
    return !plain.passed
  }
}

extension NearTies {
  /// Whether every sequence agrees with the expected one up to its first near-tie.
  ///
  /// - Parameters:
  ///   - got, expected: [batch, positions, width]. `expected` may have fewer sequences.
  ///   - bound: The allowed error, relative to the largest expected magnitude.
  fileprivate func explain(_ got: Tensor, _ expected: Tensor, within bound: Double) -> Bool {
    guard expected.dimensions.count == 3 else { return false }
    let (length, width) = (expected.dimensions[1], expected.dimensions[2])
    let limit = bound * Spread(expected).scale
    return (0..<expected.dimensions[0]).allSatisfy { sequence in
      let start = sequence * length * width
      // The settled positions do not count meta positions. Of a capture that includes these, fewer positions
      // than possible are compared.
      return (start..<start + min(length, settled[sequence]) * width).allSatisfy {
        abs(Double(got.values[$0]) - Double(expected.values[$0])) <= limit
      }
    }
  }
}
