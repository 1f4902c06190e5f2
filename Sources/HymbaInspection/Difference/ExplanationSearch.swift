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
      let change = TensorChange(self, tensor, try PairReading(a, of: pair.a, b, of: pair.b))
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
        var result = try TensorChange(search, pair, try PairReading(x, of: search.pair.a, y, of: search.pair.b)).result()
        guard let found = result.explanation, !found.isDescription else { continue }
        result.explanation = Explanation(
          found.kind, found.detail + (isFirst ? ", and rounded to \(type)" : ", after the second was rounded to \(type)"),
          exact: found.exact)
        result.size = try TensorChange(self, tensor, try PairReading(a, of: self.pair.a, b, of: self.pair.b)).size()
        return result
      }
    }
    return nil
  }
}
