import HymbaFormat

/// What was moved before it was stored in blocks of a type that nothing is stored in here.
///
/// A candidate holds where each stored element is one of the two numbers of its block between which the candidate's lies,
/// as it is for a tensor that was moved nowhere.
extension StorageSearch {
  /// The explanation of a quantised tensor by another tensor, or by another order of the rows or columns.
  /// - Throws: The errors of the sources.
  func moved(_ a: TensorDescriptor, _ b: TensorDescriptor) throws -> Result? {
    guard a.shape == b.shape, a.type.isFloatingPoint, b.type.isFloatingPoint else { return nil }
    for isFirst in [true, false] {
      let (original, stored) = isFirst ? (a, b) : (b, a)
      guard let type = blockType(of: stored, isFirst: !isFirst) else { continue }
      guard let (words, kind, roundings) =
        try exchanged(original, stored, isFirst: isFirst) ?? reordered(original, stored, isFirst: isFirst)
      else { continue }
      let rounding =
        isFirst
        ? ", and \(roundings.words(type))"
        : ", after the second was \(roundings.words(type))"
      return Result(explanation: Explanation(kind, words + rounding, exact: false), leastChange: roundings.leastChange)
    }
    return nil
  }

  private typealias Found = (words: String, kind: Explanation.Kind, roundings: BlockRoundings)

  // MARK: Other tensors

  /// The elements that are compared before all others, and how alike they must be.
  private static let probed = 4096
  private static let likeness = 0.8

  private func exchanged(
    _ original: TensorDescriptor, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> Found? {
    let (own, other) = (side(isFirst), side(!isFirst))
    for twin in own.source.tensors where twin.shape == stored.shape && twin.name != original.name {
      guard let roundings = try fitting(twin, of: own, stored, isFirst: isFirst) else { continue }
      let back = other.source.tensors[twin.name]
      let isSwapped = try back.map { try $0.shape == original.shape && fitting(original, of: own, $0, isFirst: isFirst) != nil }
      let words =
        isSwapped == true
        ? "swapped with \(twin.name)"
        : isFirst ? "equal to \(twin.name) of the first" : "the first is \(twin.name) of the second"
      return (words, .sameAs, roundings)
    }
    return nil
  }

  /// The roundings of a tensor that the stored one was made of; nil where it was not.
  private func fitting(
    _ original: TensorDescriptor, of own: CheckpointPair.Side, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> BlockRoundings? {
    let reading = try PairReading(original, of: own, stored, of: side(!isFirst))
    guard reading.hasValues else { return nil }
    var moments = PairMoments()
    try reading.forEachValues(0..<min(Self.probed, reading.count)) { _, x, y in
      moments.add(PairMoments(x, y))
      return true
    }
    guard let correlation = moments.correlation, correlation > Self.likeness,
      let roundings = try roundings(reading, stored, isFirst: isFirst), roundings.areNeighbours
    else { return nil }
    return roundings
  }

  // MARK: Orders

  private func reordered(
    _ original: TensorDescriptor, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> Found? {
    let view = MatrixView(original.shape)
    guard view.batches == 1, view.isMatrix else { return nil }
    let own = side(isFirst)
    let sketches = try LineSketches.both(
      PairReading(original, of: own, stored, of: side(!isFirst)), view, jobs: jobs)
    for isOfRows in [true, false] {
      guard let order = sketches.b.order(of: sketches.a, isOfRows: isOfRows),
        let words = words(order, original, isFirst: isFirst)
      else { continue }
      let source = try ReorderedSource(own.source, original, order)
      let moved = CheckpointPair.Side(location: own.location, source: source, layout: own.layout)
      guard let roundings = try fitting(original, of: moved, stored, isFirst: isFirst) else { continue }
      return (words.detail, words.kind, roundings)
    }
    return nil
  }

  /// The description of an order of lines, which are numbered in place of hashes.
  private func words(_ order: LineOrder, _ original: TensorDescriptor, isFirst: Bool) -> Explanation? {
    let former = order.lines.indices.map { UInt64($0) }
    let lines = order.lines.map { UInt64($0) }
    let (a, b) = isFirst ? (former, lines) : (lines, former)
    let parts = pair.parts(of: original)
    return Rearrangement(a[...], b[...], order.isOfRows ? "rows" : "columns")
      .explanation(
        heads: order.isOfRows ? parts?.rowHeads : parts?.columnHeads, parts: order.isOfRows ? parts?.parts ?? [] : [])
  }
}
