import HymbaModel

/// Properties of a right forward pass that need no reference.
struct Invariants {
  let pass: ForwardPass
  let input: InputBatch
  /// ``Capture/lastHiddenState`` of the whole batch: [batch, seq, hidden].
  let result: Tensor

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
    let alone = input.rows(0..<1)
    let changed = alone.changed(from: cut, vocabularySize: pass.architecture.input.size)
    let before = try lastHiddenState(alone)
    let after = try lastHiddenState(changed)
    let hidden = before.dimensions[2]
    for position in 0..<cut {
      let range = position * hidden..<(position + 1) * hidden
      let same = zip(before.values[range], after.values[range]).allSatisfy {
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
        lastHiddenState(input.doubled).rows(1..<2), with: result, "as second of two")
    }
    for row in Set([0, batch - 1]).sorted() {
      let check = try compare(
        lastHiddenState(input.rows(row..<row + 1)), with: result.rows(row..<row + 1),
        "member \(row) alone")
      if !check.passed { return check }
    }
    return Check(
      "batch independence", passed: true,
      "members 0 and \(batch - 1) alone give what they give in the batch of \(batch)")
  }

  /// Positions that are decoded at most; later ones would only repeat what these show.
  private static let decodedPositions = 256

  /// Decodes the first sequence step by step, with caches, and compares with the full pass.
  func decoding() throws -> Check {
    let positions = min(input.length, Self.decodedPositions)
    let got = try pass.runStepwise(input.rows(0..<1), positions: positions)
    let hidden = result.dimensions[2]
    let expected = Tensor([1, positions, hidden], Array(result.values[..<(positions * hidden)]))
    let error = Self.relativeError(got, expected)
    return Check(
      "decoding", passed: error <= Self.batchTolerance,
      "\(positions) positions decoded step by step with caches "
        + (error <= Self.batchTolerance
          ? "give what the full pass gives" : "differ from the full pass")
        + ", to \(error.shortText)")
  }

  /// The largest difference over the largest expected magnitude; infinite where something is no number.
  private static func relativeError(_ got: Tensor, _ expected: Tensor) -> Double {
    let largest = expected.values.reduce(0.0) { max($0, Double(abs($1))) }
    let error = zip(got.values, expected.values).reduce(0.0) { worst, pair in
      let difference = abs(Double(pair.0) - Double(pair.1))
      return difference.isNaN ? .infinity : max(worst, difference)
    }
    return error == 0 ? 0 : error / largest
  }

  private func compare(_ got: Tensor, with expected: Tensor, _ what: String) -> Check {
    let error = Self.relativeError(got, expected)
    let passed = error <= Self.batchTolerance
    return Check(
      "batch independence", passed: passed,
      passed
        ? "the sequence \(what) gives what it gives alone"
        : "\(what): the hidden states differ by \(error.shortText) of the largest"
    )
  }

  private func lastHiddenState(_ input: InputBatch) throws -> Tensor {
    let name = Capture.lastHiddenState.name
    let run = try ForwardRun(pass, input, keep: { $0 == name })
    return run.tensors[name] ?? run.output
  }
}
