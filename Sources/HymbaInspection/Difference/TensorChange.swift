import HymbaFormat

/// One changed tensor, and what explains the change.
struct TensorChange {
  let search: ExplanationSearch
  let tensor: TensorPair
  let reading: PairReading
  let views: (a: MatrixView, b: MatrixView)
  let parts: LogicalParts?
  var jobs: Int { search.jobs }
  /// Whether the elements can be compared one by one.
  var isAligned: Bool { views.a == views.b }
  var all: Range<Int> { 0..<reading.count }

  init(_ search: ExplanationSearch, _ tensor: TensorPair, _ reading: PairReading) {
    self.search = search
    self.tensor = tensor
    self.reading = reading
    self.views = (MatrixView(reading.a.tensor.shape), MatrixView(reading.b.tensor.shape))
    let isAligned = views.a == views.b && views.a.batches == 1
    self.parts = isAligned ? search.pair.parts(of: reading.a.tensor) : nil
  }

  typealias PartChange = (part: LogicalParts.Part, moments: PairMoments)

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

  func elements(of part: LogicalParts.Part) -> Range<Int> {
    part.rows.lowerBound * views.a.columns..<part.rows.upperBound * views.a.columns
  }
}
