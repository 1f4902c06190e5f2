import HymbaModel

/// The additional runs that the checks without a reference need: single sequences, run in other ways than in
/// the whole batch.
struct InvariantRuns {
  enum Role {
    /// The first sequence.
    case alone
    /// The first sequence with every position from its middle on changed.
    case changed
    /// The last sequence of a batch of several.
    case last
    /// The single sequence of a batch of one, twice in one batch.
    case besideItself
    /// The first sequence, decoded step by step.
    case decoded
  }

  /// The requested checks that need such runs, in the order of the report.
  let checks: [CheckGroup]
  /// The role of each lane.
  let roles: [Role]
  /// The runs, one lane each.
  let lanes: [Lane]

  /// The most positions that are decoded. Later positions would only repeat what these show.
  private static let decodedPositions = 256

  init(_ input: InputBatch, _ architecture: Architecture, checks: Set<CheckGroup>) {
    let checks = [CheckGroup.causality, .batch, .decoding].filter(checks.contains)
    var runs: [(Role, Lane)] = []
    let first = input.rows(0..<1)
    let last = input.batch - 1
    // A batch of one already is its first sequence alone. With prepended meta tokens it is run again, because
    // lanes that begin behind them can differ from the whole batch in the last bits.
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
