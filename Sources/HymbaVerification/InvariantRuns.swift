import HymbaModel

/// The runs of single sequences, in other ways than the whole batch, that checks without a reference compare.
struct InvariantRuns {
  enum Role {
    /// The first sequence.
    case alone
    /// The first sequence with every position from its middle on changed.
    case changed
    /// The last sequence of several.
    case last
    /// A single sequence twice.
    case besideItself
    /// The first sequence, step by step.
    case decoded
  }

  /// Those of the checks that need such runs, in the order in which they are reported.
  let checks: [CheckGroup]
  let roles: [Role]
  let lanes: [Lane]

  /// Positions that are decoded at most; later ones would only repeat what these show.
  private static let decodedPositions = 256

  init(_ input: InputBatch, _ architecture: Architecture, checks: Set<CheckGroup>) {
    let checks = [CheckGroup.causality, .batch, .decoding].filter(checks.contains)
    var runs: [(Role, Lane)] = []
    let first = input.rows(0..<1)
    let last = input.batch - 1
    // A batch of one is that sequence alone, but where others begin behind the meta tokens: the last bits differ.
    let isAlone = last == 0 && architecture.metaTokens.prependedCount == 0
    let hasChange = checks.contains(.causality) && input.length > 1
    if !isAlone, hasChange || (checks.contains(.batch) && last > 0) {
      runs.append((.alone, .together(first)))
    }
    if hasChange {
      let changed = first.changed(
        from: input.length / 2, vocabularySize: architecture.input.size)
      runs.append((.changed, .together(changed)))
    }
    if checks.contains(.batch) {
      runs.append(
        last == 0
          ? (.besideItself, .together(input.doubled))
          : (.last, .together(input.rows(last..<input.batch))))
    }
    if checks.contains(.decoding) {
      runs.append((.decoded, .stepwise(first, positions: Self.decodedPositions)))
    }
    self.checks = checks
    self.roles = runs.map(\.0)
    self.lanes = runs.map(\.1)
  }
}
