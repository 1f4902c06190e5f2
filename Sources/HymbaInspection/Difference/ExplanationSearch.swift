import HymbaFormat

/// Looks for the explanation of changed tensors. The first one that holds is taken, in the order of
/// ``Explanation/Kind``; of rearrangements, the most specific one.
struct ExplanationSearch: Sendable {
  let pair: CheckpointPair
  let twins: TwinSearch
  let storage: StorageSearch
  let jobs: Int

  init(_ pair: CheckpointPair, jobs: Int) {
    self.pair = pair
    self.twins = TwinSearch(pair)
    self.storage = StorageSearch(pair, jobs: jobs)
    self.jobs = jobs
  }

  /// What is known about a change.
  struct Result {
    var size: ChangeSize?
    var explanation: Explanation?
    var parts: [TensorDifference.Part] = []
    var skipped: [String] = []
    /// Finite elements that a cast made infinite.
    var overflowed = 0
    /// The relative change that the blocks of a quantised tensor allow at best; nil for one that is not.
    var leastChange: Double?
  }

  /// The size and the explanation of a change.
  ///
  /// - Precondition: The tensors do not hold the same elements.
  /// - Throws: The errors of the sources.
  func result(_ tensor: TensorPair, _ a: TensorDescriptor, _ b: TensorDescriptor) throws -> Result {
    guard a.units == b.units else { return Result() }
    do {
      let change = Change(self, tensor, try PairReading(a, of: pair.a, b, of: pair.b))
      if let stored = try storage.result(a, b) {
        return Result(
          size: try change.readableSize(), explanation: stored.explanation, leastChange: stored.leastChange)
      }
      let result = try change.result()
      guard result.explanation?.isDescription ?? true else { return result }
      if let rounded = try rounded(tensor, a, b) { return rounded }
      guard let moved = try storage.moved(a, b) else { return result }
      return Result(size: try change.size(), explanation: moved.explanation, leastChange: moved.leastChange)
    } catch {
      guard let reason = StorageSearch.unreadable(error) else { throw error }
      return Result(skipped: [reason])
    }
  }

  /// The explanation of a tensor that is stored in a narrower type by the other one after it was rounded to that type;
  /// nil where nothing explains it.
  private func rounded(_ tensor: TensorPair, _ a: TensorDescriptor, _ b: TensorDescriptor) throws -> Result? {
    for isFirst in [true, false] {
      for type in storage.types(of: isFirst ? b : a, isFirst: !isFirst) {
        guard let search = try storage.search(afterRounding: type, isFirst: isFirst),
          let x = search.pair.a.source.tensors[a.name], let y = search.pair.b.source.tensors[b.name]
        else { continue }
        let pair = TensorPair(name: tensor.name, a: x, b: y)
        var result = try Change(search, pair, try PairReading(x, of: search.pair.a, y, of: search.pair.b)).result()
        guard let found = result.explanation, !found.isDescription else { continue }
        result.explanation = Explanation(
          found.kind, found.detail + (isFirst ? ", and rounded to \(type)" : ", after the second was rounded to \(type)"),
          exact: found.exact)
        result.size = try Change(self, tensor, try PairReading(a, of: self.pair.a, b, of: self.pair.b)).size()
        return result
      }
    }
    return nil
  }
}

/// One changed tensor.
private struct Change {
  private let search: ExplanationSearch
  private let tensor: TensorPair
  private let reading: PairReading
  private let views: (a: MatrixView, b: MatrixView)
  private let parts: LogicalParts?
  private var jobs: Int { search.jobs }
  /// Whether the elements can be compared one by one.
  private var isAligned: Bool { views.a == views.b }
  private var all: Range<Int> { 0..<reading.count }

  init(_ search: ExplanationSearch, _ tensor: TensorPair, _ reading: PairReading) {
    self.search = search
    self.tensor = tensor
    self.reading = reading
    self.views = (MatrixView(reading.a.tensor.shape), MatrixView(reading.b.tensor.shape))
    let isAligned = views.a == views.b && views.a.batches == 1
    self.parts = isAligned ? search.pair.parts(of: reading.a.tensor) : nil
  }

  private typealias PartChange = (part: LogicalParts.Part, moments: PairMoments)

  func result() throws -> ExplanationSearch.Result {
    guard reading.hasValues else {
      var result = ExplanationSearch.Result()
      result.explanation =
        try reading.typeA == reading.typeB
        ? rearranged() ?? search.twins.explanation(tensor) : nil
      return result
    }
    let named = parts?.parts ?? []
    let changes = try named.map { part in
      (part: part, moments: try reading.moments(elements(of: part), jobs: jobs))
    }
    let moments =
      named.isEmpty
      ? try reading.moments(all, jobs: jobs)
      : changes.reduce(into: PairMoments()) { $0.add($1.moments) }
    var result = ExplanationSearch.Result()
    if isAligned {
      result.size = ChangeSize(moments)
      // Only signs of zeros and the bits of NaN differ, which no arithmetic on the values explains.
      guard moments.differing > 0 || reading.typeA != reading.typeB else { return result }
      result.explanation = try ElementwiseSearch(reading, all)?
        .explanation(differing: moments.differing, jobs: jobs)
      if let cast = result.explanation, cast.kind == .cast, moments.overflowed > 0 {
        result.overflowed = moments.overflowed
        result.explanation = Explanation(
          .cast,
          "\(cast.detail); \(moments.overflowed) of \(moments.count) elements became infinite",
          exact: cast.exact)
      }
      guard result.explanation == nil else { return result }
    }
    let isRounded = reading.typeA != reading.typeB
    let mayBePermuted =
      moments.mayBePermuted(isRounded: isRounded)
      || changes.contains { $0.moments.differing > 0 && $0.moments.mayBePermuted(isRounded: isRounded) }
    let hashes = mayBePermuted ? try self.hashes() : nil
    if let hashes { result.explanation = try rearranged(hashes) }
    guard result.explanation == nil, isAligned else { return result }
    if changes.count > 1 {
      result.parts = try changes.map { try explained($0, hashes) }
      result.explanation = partwise(result.parts)
      guard result.explanation == nil else { return result }
    }
    result.explanation = try search.twins.explanation(tensor)
    if result.explanation == nil { try explainDifference(moments, in: &result) }
    return result
  }

  /// The size of the change; nil where the elements cannot be compared one by one.
  func size() throws -> ChangeSize? {
    isAligned && reading.hasValues ? ChangeSize(try reading.moments(all, jobs: jobs)) : nil
  }

  /// ``size()``, or nil where a parameter cannot be computed of what is stored for it.
  func readableSize() throws -> ChangeSize? {
    do { return try size() } catch {
      guard StorageSearch.unreadable(error) != nil else { throw error }
      return nil
    }
  }

  private func elements(of part: LogicalParts.Part) -> Range<Int> {
    part.rows.lowerBound * views.a.columns..<part.rows.upperBound * views.a.columns
  }

  // MARK: Rearrangements

  private typealias Hashes = (a: LineHashes, b: LineHashes)

  /// The hashes of the lines of both tensors, of the first one after a cast to the type of the second; nil where
  /// that is not possible.
  private func hashes() throws -> Hashes? {
    guard let a = try hashes(reading.a, views.a, search.pair.a),
      let b = try hashes(reading.b, views.b, search.pair.b)
    else { return nil }
    return (a, b)
  }

  private func hashes(
    _ one: any TensorReading, _ view: MatrixView, _ side: CheckpointPair.Side
  ) throws -> LineHashes? {
    try LineHashes(
      one, as: reading.typeB, view: view, pieceElements: reading.pieceElements,
      location: side.location, jobs: jobs)
  }

  private func rearranged() throws -> Explanation? { try hashes().flatMap { try rearranged($0) } }

  private func rearranged(_ hashes: Hashes) throws -> Explanation? {
    let (a, b) = hashes
    func isTransposed(_ a: LineHashes, _ b: LineHashes) -> Bool {
      a.view.isMatrix && a.view.transposed == b.view && a.rows == b.columns && a.columns == b.rows
    }
    if isTransposed(a, b) {
      return Explanation(.transpose, "rows and columns exchanged", exact: true)
    }
    guard isAligned else { return nil }
    if let inOrder = inOrder(a, b) { return inOrder }
    guard a.view.isMatrix, a.view != a.view.transposed,
      let other = try self.hashes(reading.b, a.view.transposed, search.pair.b), isTransposed(a, other)
    else { return nil }
    return Explanation(.transpose, "rows and columns exchanged under the former shape", exact: true)
  }

  /// The explanation by rows or columns in another order.
  private func inOrder(_ a: LineHashes, _ b: LineHashes) -> Explanation? {
    let noun = a.view.columns == 1 ? "elements" : "rows"
    return Rearrangement(a.rows[...], b.rows[...], noun)
      .explanation(heads: parts?.rowHeads, parts: parts?.parts ?? [])
      ?? Rearrangement(a.columns[...], b.columns[...], "columns")
      .explanation(heads: parts?.columnHeads)
  }

  // MARK: Parts

  private func explained(_ change: PartChange, _ hashes: Hashes?) throws -> TensorDifference.Part {
    let (part, moments) = change
    var explanation: Explanation?
    if moments.differing > 0 {
      explanation = try ElementwiseSearch(reading, elements(of: part))?
        .explanation(differing: moments.differing, jobs: jobs)
      if explanation == nil, let (a, b) = hashes {
        explanation = Rearrangement(a.rows[part.rows], b.rows[part.rows], "rows")
          .explanation(heads: part.heads)
      }
      explanation = explanation ?? moments.redrawn
    }
    return TensorDifference.Part(
      name: part.name, size: ChangeSize(moments), explanation: explanation,
      isChanged: moments.differing > 0 && explanation?.kind != .cast)
  }

  /// The share of a part that must have changed for the change to be one of the part.
  private static let filledShare = 0.1

  /// The explanation by parts: each changed part has one, or the change fills some parts and leaves others. Nil
  /// where neither holds.
  private func partwise(_ parts: [TensorDifference.Part]) -> Explanation? {
    let changed = parts.filter(\.isChanged)
    guard !changed.isEmpty else { return nil }
    func isReproduced(_ part: TensorDifference.Part) -> Bool {
      part.explanation.map { $0.kind != .unrelated } ?? false
    }
    let leavesOthers = changed.count < parts.count
    let areNamed = changed.allSatisfy { part in
      let share = part.size.map { Double($0.differing) / Double(max(1, $0.elements)) } ?? 0
      return isReproduced(part) || leavesOthers && share > Self.filledShare
    }
    guard areNamed else { return nil }
    // Parts with the same explanation share a clause.
    var clauses: [(names: [String], detail: String?)] = []
    for part in changed {
      let detail = part.explanation?.detail
      if let known = clauses.firstIndex(where: { $0.detail == detail }) {
        clauses[known].names.append(part.name)
      } else {
        clauses.append(([part.name], detail))
      }
    }
    let text = clauses.map { names, detail in
      names.joined(separator: ", ") + (detail.map { ": \($0)" } ?? "")
    }.joined(separator: "; ")
    return Explanation(
      .parts, (leavesOthers ? "only " : "") + text,
      exact: changed.allSatisfy { isReproduced($0) && $0.explanation?.exact ?? false })
  }

  // MARK: Differences

  /// Explains a change by its difference alone: low rank, few elements, other values.
  private func explainDifference(
    _ moments: PairMoments, in result: inout ExplanationSearch.Result
  ) throws {
    if let plan = LowRankChange.Plan(views.a, jobs: jobs) {
      if !plan.fits {
        result.skipped.append("low rank was not tried: the matrix is too large")
      } else if let change = try LowRankChange(reading, plan, moments, jobs: jobs) {
        let energy = (100 * change.energy).fixedText(2, trimmed: true)
        result.explanation = Explanation(
          .lowRank, "the difference has rank \(change.rank), with \(energy) % of its energy", exact: false)
        return
      }
    }
    result.explanation = try sparse(moments) ?? moments.redrawn
  }

  /// The largest share of the elements that are few, and the same where they fill some rows.
  private static let fewShare = 0.1
  private static let fewRowsShare = 0.25

  private func sparse(_ moments: PairMoments) throws -> Explanation? {
    guard moments.differing > 0 else {
      return Explanation(.sparse, "only signs of zeros or bits of NaN differ", exact: true)
    }
    guard moments.share <= Self.fewRowsShare else { return nil }
    let lines = try ChangedLines(reading, views.a, jobs: jobs)
    guard
      moments.share <= Self.fewShare
        || Double(lines.count) <= Self.fewRowsShare * Double(lines.rows)
    else { return nil }
    var detail = "\(moments.differing) of \(moments.count) elements"
    let noun = views.a.columns == 1 ? "element" : "row"
    if let range = lines.range {
      detail +=
        range.count == 1
        ? ", \(noun) \(range.lowerBound)" : ", \(noun)s \(range.lowerBound) to \(range.upperBound)"
    } else if views.a.columns > 1 {
      detail += ", in \(lines.count) of \(lines.rows) rows"
    }
    return Explanation(.sparse, detail, exact: false)
  }
}
