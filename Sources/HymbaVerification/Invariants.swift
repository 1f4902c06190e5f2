import HymbaFormat
import HymbaModel

/// Checks of properties that every correct forward pass has. They need no reference.
struct Invariants {
  private let input: InputBatch
  /// The ``Capture/lastHiddenState`` of the whole batch, [batch, seq, hidden].
  private let result: Tensor
  /// The last hidden state of the first sequence with every position from its middle on changed, [1, seq,
  /// hidden]; nil where it was not run, as for a single position.
  private let changed: Tensor?
  /// The last hidden states of single sequences that were computed apart from the batch, [1, seq, hidden], and
  /// the words for how.
  private let apart: [(sequence: Int, what: String, result: Tensor)]
  /// The last hidden state of the first positions of the first sequence, decoded step by step, [1, positions,
  /// hidden]; nil where it was not run.
  private let decoded: Tensor?
  /// The last hidden state of the first sequence, run alone if that was needed: [1, seq, hidden] or [batch,
  /// seq, hidden].
  private let first: Tensor
  private let checks: [CheckGroup]

  /// The near-ties of the whole batch.
  var nearTies: NearTies
  var tolerance = Tolerance()
  /// The explanation of values that are NaN or infinite, where the weights hold such values.
  var cause: String?
  /// The effect of rounding alone on the last hidden state; nil where it was not measured.
  var noise: Difference?

  /// - Parameters:
  ///   - result: The last hidden state of a full pass over `input`, [batch, seq, hidden].
  ///   - apart: The last hidden state of each of the lanes of `runs`.
  init(
    _ input: InputBatch, _ runs: InvariantRuns, result: Tensor, apart results: [Tensor],
    nearTies: NearTies
  ) {
    let given = Dictionary(zip(runs.roles, results)) { first, _ in first }
    self.input = input
    self.checks = runs.checks
    self.result = result
    self.nearTies = nearTies
    self.first = given[.alone] ?? result
    self.changed = given[.changed]
    self.decoded = given[.decoded]
    let last = input.batch - 1
    self.apart =
      if last == 0 {
        given[.besideItself].map { [(0, "as second of two", $0.rows(1..<2))] } ?? []
      } else {
        [(0, "member 0 alone", given[.alone]), (last, "member \(last) alone", given[.last])]
          .compactMap { sequence, what, result in result.map { (sequence, what, $0) } }
      }
  }

  /// The checks that were asked for, in the order in which they are reported.
  func judged() -> [Check] { checks.compactMap(check) }

  /// - Returns: nil for a check that needs no other run of the model.
  func check(_ group: CheckGroup) -> Check? {
    switch group {
    case .causality: causality()
    case .batch: batchIndependence()
    case .decoding: decoding()
    default: nil
    }
  }

  /// Compares the positions before a change of the input with those of the unchanged input, bit for bit.
  func causality() -> Check {
    let (cut, hidden) = (input.length / 2, first.dimensions[2])
    guard let changed else {
      return Check("causality", .notRun, "not run, as a single position has none before it")
    }
    for position in 0..<cut {
      let range = position * hidden..<(position + 1) * hidden
      let same = zip(first.values[range], changed.values[range]).allSatisfy {
        $0.bitPattern == $1.bitPattern
      }
      // An attention weight of 0 multiplied by NaN in a later position is NaN.
      if !same, let cause, !changed.values[range].allSatisfy(\.isFinite) {
        return Check(
          "causality", .notJudged, "NaN or infinite values were computed, as \(cause)")
      }
      if !same {
        return Check(
          "causality", passed: false,
          "a change at position \(cut) changes the hidden state at position \(position)")
      }
    }
    return Check(
      "causality", passed: true,
      "a change at position \(cut) leaves positions 0 to \(cut - 1) as they are, bit for bit")
  }

  /// Compares the first and the last sequence of the batch, each run alone, with what the batch gave for them.
  /// The sequence of a batch of one is run in a batch of two instead.
  ///
  /// Other shapes of matrices take other paths through the matrix library.
  func batchIndependence() -> Check {
    var largest: Agreement?
    for (sequence, what, result) in apart {
      let agreement = agreement(result, sequence: sequence)
      guard agreement.holds else {
        return Check(
          "batch independence", passed: false,
          "\(what): the hidden states differ by \(agreement.error.shortText) of the largest"
            + agreement.refusal)
      }
      if agreement.error >= largest?.error ?? 0 { largest = agreement }
    }
    let last = input.batch - 1
    return Check(
      "batch independence", passed: true,
      (last == 0
        ? "the sequence as second of two gives what it gives alone"
        : "members 0 and \(last) alone give what they give in the batch of \(input.batch)")
        + (largest?.remark ?? "")
        + nearTies.note(leftOut: apart.reduce(0) { $0 + leftOut($1.sequence) }))
  }

  /// Compares the first sequence, decoded step by step with caches, with the full pass.
  func decoding() -> Check {
    guard let decoded else { return Check("decoding", .notRun, "no position was decoded") }
    let positions = decoded.dimensions[1]
    let agreement = agreement(decoded, sequence: 0)
    let (subject, give, differ) =
      positions == 1
      ? ("1 position", "gives", "differs") : ("\(positions) positions", "give", "differ")
    return Check(
      "decoding", passed: agreement.holds,
      "\(subject) decoded step by step with caches "
        + (agreement.holds
          ? "\(give) what the full pass gives, to \(agreement.error.shortText)\(agreement.remark)"
          : "\(differ) from the full pass, to \(agreement.error.shortText)\(agreement.refusal)")
        + nearTies.note(leftOut: leftOut(0, of: positions)))
  }

  /// The number of positions of a sequence, of its first `positions` or of all, that cannot be judged because
  /// of near-ties.
  private func leftOut(_ sequence: Int, of positions: Int? = nil) -> Int {
    max(0, (positions ?? input.length) - nearTies.settled[sequence])
  }

  /// Compares a sequence that was computed in another way with what the batch gave for it. Positions at and
  /// after near-ties do not count.
  ///
  /// - Parameter got: [1, positions, hidden], the first positions of the sequence or all of them.
  private func agreement(_ got: Tensor, sequence: Int) -> Agreement {
    let (length, hidden) = (result.dimensions[1], result.dimensions[2])
    let start = sequence * length * hidden
    let expected = result.values[start..<start + got.dimensions[1] * hidden]
    let settled = min(got.dimensions[1], nearTies.settled[sequence]) * hidden
    let scale = Spread(expected).scale
    let error = zip(got.values, expected).prefix(settled).reduce(0.0) { worst, pair in
      let difference = abs(Double(pair.0) - Double(pair.1))
      return difference.isNaN ? .infinity : max(worst, difference)
    }
    return Agreement(
      error: error / scale, noise: noise.map { $0.largest / scale },
      tolerance: tolerance)
  }
}

/// A difference and its bound.
private struct Agreement {
  /// The largest difference over the largest magnitude; infinite where a value is NaN.
  let error: Double
  /// The difference that rounding alone makes, relative in the same way; nil where it was not measured.
  let noise: Double?
  let tolerance: Tolerance

  var holds: Bool { error <= tolerance.errorBound(noise: noise) }

  /// The words for a difference that only rounding excuses; empty for a smaller one.
  var remark: String {
    guard let noise, error > tolerance.errorBound(noise: nil) else { return "" }
    return
      ", as near as this model's rounding lets them be: that alone makes \(noise.shortText)"
  }

  /// The words that follow the report of a difference that is too large.
  var refusal: String {
    guard let noise else { return "" }
    if tolerance.isExhausted(noise: noise) {
      return
        ", but rounding alone makes \(noise.shortText): in 32 bits this model does not determine them"
    }
    return
      "; \(tolerance.errorBound(noise: noise).shortText) is allowed, where rounding alone makes \(noise.shortText)"
  }
}
