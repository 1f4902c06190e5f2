import HymbaModel

/// Properties of a right forward pass that need no reference.
struct Invariants {
  let pass: ForwardPass
  let input: InputBatch
  /// ``Capture/lastHiddenState`` of the whole batch: [batch, seq, hidden].
  let result: Tensor
  /// The same of the first sequence, run alone: [1, seq, hidden].
  private let first: Tensor
  /// Of the whole batch.
  let nearTies: NearTies

  /// Runs the first sequence alone, where it is not the only one.
  init(pass: ForwardPass, input: InputBatch, result: Tensor, nearTies: NearTies) throws {
    self.pass = pass
    self.input = input
    self.result = result
    self.first =
      input.batch == 1 ? result : try Self.lastHiddenState(pass, input.rows(0..<1))
    self.nearTies = nearTies
  }

  /// Largest tolerated difference between a batch and its members, relative to the largest value: other
  /// matrix shapes take other paths through the matrix library.
  private static let batchTolerance = 2e-5

  /// Changes the input from the middle on and looks for a change before it, bit for bit.
  func causality() throws -> Check {
    let sequence = input.length
    guard sequence > 1 else {
      return Check("causality", passed: true, "nothing to check with a single position")
    }
    let cut = sequence / 2
    let changed = input.rows(0..<1).changed(from: cut, vocabularySize: pass.architecture.input.size)
    let after = try Self.lastHiddenState(pass, changed)
    let hidden = first.dimensions[2]
    for position in 0..<cut {
      let range = position * hidden..<(position + 1) * hidden
      let same = zip(first.values[range], after.values[range]).allSatisfy {
        $0.bitPattern == $1.bitPattern
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

  /// Runs the first and the last member of the batch alone; a batch of one is run beside itself.
  func batchIndependence() throws -> Check {
    let batch = input.batch
    if batch == 1 {
      return try compare(
        Self.lastHiddenState(pass, input.doubled).rows(1..<2), sequence: 0, "as second of two")
    }
    let last = batch - 1
    for (row, alone) in [
      (0, first), (last, try Self.lastHiddenState(pass, input.rows(last..<batch))),
    ] {
      let check = compare(alone, sequence: row, "member \(row) alone")
      if !check.passed { return check }
    }
    return Check(
      "batch independence", passed: true,
      "members 0 and \(last) alone give what they give in the batch of \(batch)"
        + nearTies.note(leftOut: leftOut(0) + leftOut(last)))
  }

  /// Positions that are decoded at most; later ones would only repeat what these show.
  private static let decodedPositions = 256
  /// The same for a model that reads its experts again for each position: as many as a probe has.
  private static let decodedPositionsOfWideModels = Probe.positions

  /// Decodes the first sequence step by step, with caches, and compares with the full pass.
  func decoding() throws -> Check {
    let positions = min(
      input.length,
      pass.readsExpertsStepwise ? Self.decodedPositionsOfWideModels : Self.decodedPositions)
    let got = try pass.runStepwise(input.rows(0..<1), positions: positions)
    let error = relativeError(got, sequence: 0)
    let (subject, give, differ) =
      positions == 1
      ? ("1 position", "gives", "differs") : ("\(positions) positions", "give", "differ")
    return Check(
      "decoding", passed: error <= Self.batchTolerance,
      "\(subject) decoded step by step with caches "
        + (error <= Self.batchTolerance
          ? "\(give) what the full pass gives" : "\(differ) from the full pass")
        + ", to \(error.shortText)" + nearTies.note(leftOut: leftOut(0, of: positions)))
  }

  /// The largest difference of a sequence, computed in another way, from what the batch gave for it, over the
  /// largest magnitude; infinite where something is no number. Positions at and after near-ties do not count.
  ///
  /// - Parameter got: [1, positions, hidden], the first positions of the sequence or all.
  private func relativeError(_ got: Tensor, sequence: Int) -> Double {
    let (length, hidden) = (result.dimensions[1], result.dimensions[2])
    let start = sequence * length * hidden
    let expected = result.values[start..<start + got.dimensions[1] * hidden]
    let settled = min(got.dimensions[1], nearTies.settled[sequence]) * hidden
    let largest = expected.reduce(0.0) { max($0, Double(abs($1))) }
    let error = zip(got.values, expected).prefix(settled).reduce(0.0) { worst, pair in
      let difference = abs(Double(pair.0) - Double(pair.1))
      return difference.isNaN ? .infinity : max(worst, difference)
    }
    return error == 0 ? 0 : error / largest
  }

  /// Positions of a sequence, of the first `positions` or all, that near-ties leave nothing to say of.
  private func leftOut(_ sequence: Int, of positions: Int? = nil) -> Int {
    max(0, (positions ?? input.length) - nearTies.settled[sequence])
  }

  private func compare(_ got: Tensor, sequence: Int, _ what: String) -> Check {
    let error = relativeError(got, sequence: sequence)
    let passed = error <= Self.batchTolerance
    return Check(
      "batch independence", passed: passed,
      passed
        ? "the sequence \(what) gives what it gives alone"
          + nearTies.note(leftOut: leftOut(sequence))
        : "\(what): the hidden states differ by \(error.shortText) of the largest"
    )
  }

  private static func lastHiddenState(_ pass: ForwardPass, _ input: InputBatch) throws -> Tensor {
    try ForwardRun(pass, input, keep: { _ in false }).lastHiddenState
  }
}
