import HymbaFormat
import Synchronization

/// Looks for a function of single elements that gives all elements of the second tensor.
///
/// All hypotheses are tried side by side. One that fails for an element is dropped, so tensors that no
/// hypothesis explains are left after their first elements.
struct ElementwiseSearch: Sendable {
  private let reading: PairReading
  private let range: Range<Int>
  private let hypotheses: [Hypothesis]
  private let steps: (a: FloatSteps, b: FloatSteps)

  /// Elements that are checked before the others.
  private static let firstElements = 4096

  /// - Parameter range: The elements that are to be explained.
  /// - Returns: Nil for tensors whose elements are no numbers.
  init?(_ reading: PairReading, _ range: Range<Int>) {
    guard let a = FloatSteps(reading.typeA), let b = FloatSteps(reading.typeB), !range.isEmpty
    else { return nil }
    self.reading = reading
    self.range = range
    self.hypotheses = [.identity] + Hypothesis.all(from: reading.typeA, to: reading.typeB)
    self.steps = (a, b)
  }

  private struct State: Sendable {
    var verdicts: [HypothesisVerdict]
    /// The possible factors; nil where no factor is looked for.
    var factors: FactorRange?

    var isOpen: Bool {
      factors?.isPossible ?? false || verdicts.contains(where: \.holds)
    }

    mutating func merge(_ other: State) {
      for index in verdicts.indices { verdicts[index].merge(other.verdicts[index]) }
      if let range = other.factors { factors?.merge(range) }
    }
  }

  /// The first hypothesis that holds for all elements: exactly if there is one, else within rounding.
  /// - Parameter differing: The number of elements that differ.
  /// - Throws: The errors of the sources.
  /// - Complexity: Reads the tensors at most twice; mostly only their beginning.
  func explanation(differing: Int, jobs: Int) throws -> Explanation? {
    var state = try result(hypotheses, factors: FactorRange(), jobs: jobs)
    var tried = hypotheses
    if let scaling = state.factors?.hypothesis {
      let verdict = try result([scaling], factors: nil, jobs: jobs).verdicts[0]
      // A scaling comes before a negation.
      let position = tried.firstIndex { $0.kind == .negate } ?? tried.count
      tried.insert(scaling, at: position)
      state.verdicts.insert(verdict, at: position)
    }
    // Within rounding, a tensor that has hardly changed would agree with everything that changes it little.
    let identity = state.verdicts[0]
    let isUnchanged = reading.typeA == reading.typeB && (identity.isNear || identity.isNearBackward)
    // Where most elements are the same, the rounding of a small change hides them only if it hides them forward.
    let isMostlySame = reading.typeA == reading.typeB && 2 * differing < range.count
    let candidates = zip(tried, state.verdicts).dropFirst().filter { hypothesis, verdict in
      !isMostlySame || hypothesis.kind == .cast || verdict.isExact
    }
    let found =
      candidates.first { $1.holdsExactly } ?? candidates.first { $1.holds && !isUnchanged }
    guard let (hypothesis, verdict) = found else { return nil }
    let isBackward =
      verdict.holdsExactly ? !verdict.isExact : !verdict.isNear
    return Explanation(
      hypothesis.kind, isBackward ? hypothesis.backwardDetail : hypothesis.detail,
      exact: verdict.holdsExactly)
  }

  /// Checks hypotheses over all elements, or until none is left.
  private func result(
    _ hypotheses: [Hypothesis], factors: FactorRange?, jobs: Int
  ) throws -> State {
    let start = State(verdicts: hypotheses.map { HypothesisVerdict($0) }, factors: factors)
    let first = range.prefix(Self.firstElements)
    let begun = try check(hypotheses, start, first)
    let pieces = reading.pieces(of: first.upperBound..<range.upperBound)
    guard begun.isOpen, !pieces.isEmpty else { return begun }
    let shared = Mutex(begun)
    _ = try Parallel.map(count: pieces.count, jobs: jobs) { index in
      let known = shared.withLock { $0 }
      guard known.isOpen else { return }
      let checked = try check(hypotheses, known, pieces[index])
      shared.withLock { $0.merge(checked) }
    }
    return shared.withLock { $0 }
  }

  /// - Returns: `state` with the elements of a piece taken into account.
  private func check(
    _ hypotheses: [Hypothesis], _ state: State, _ piece: Range<Int>
  ) throws -> State {
    var state = state
    try reading.forEachValues(piece) { _, a, b in
      for (index, hypothesis) in hypotheses.enumerated() where state.verdicts[index].holds {
        state.verdicts[index].check(hypothesis, a, reading.typeA, b, reading.typeB)
      }
      if state.factors?.isPossible ?? false { state.factors?.check(a, steps.a, b, steps.b) }
      return state.isOpen
    }
    return state
  }
}
