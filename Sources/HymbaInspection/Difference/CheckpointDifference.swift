import HymbaFormat

/// The difference of two checkpoints, tensor by tensor, with what explains each change.
package struct CheckpointDifference: Sendable {
  package let pair: CheckpointPair
  /// Every tensor of both checkpoints: those of the first in its order, then those that only the second has.
  package let tensors: [TensorDifference]
  /// Nil where no tensor belongs to a layer.
  package let layers: LayerMap?

  /// Whether both checkpoints hold the same tensors, with the same types, shapes and elements.
  package var isEqual: Bool { tensors.allSatisfy { $0.status == .same } }

  package enum Progress: Sendable {
    /// Bytes of the first checkpoint that were compared since the last call.
    case compared(Int)
    /// The bytes of the changed tensors of the first checkpoint, and those that were explained so far.
    case explained(Int, of: Int)
  }

  /// Compares two checkpoints.
  ///
  /// - Throws: The errors of the sources, with the path of the checkpoint.
  /// - Complexity: Reads every tensor once, and changed ones some more times. Memory for some windows of each
  ///   job, for two hashes of each row and column, and for the decomposition of a low rank, which is limited.
  package init(_ pair: CheckpointPair, jobs: Int, progress: (Progress) -> Void = { _ in }) throws {
    let tensors = pair.tensors
    let equal = try EqualityPass(pair, tensors).run(jobs: jobs) { progress(.compared($0)) }
    let search = ExplanationSearch(pair, jobs: jobs)
    let changed = tensors.indices.filter { !equal.contains($0) }
    let total = changed.reduce(0) { $0 + (tensors[$1].a?.byteCount ?? 0) }
    var done = 0
    var differences: [TensorDifference] = []
    for (index, tensor) in tensors.enumerated() {
      let difference = try Self.difference(tensor, isEqual: equal.contains(index), search)
      if !equal.contains(index) {
        done += tensor.a?.byteCount ?? 0
        progress(.explained(done, of: total))
      }
      differences.append(difference)
    }
    self.pair = pair
    self.tensors = differences
    self.layers = LayerMap(
      differences, pair.architecture, otherLayers: pair.otherLayers, parameter: pair.parameter)
  }

  private static func difference(
    _ tensor: TensorPair, isEqual: Bool, _ search: ExplanationSearch
  ) throws -> TensorDifference {
    let stored = (
      a: search.pair.storedType(tensor.a, isFirst: true), b: search.pair.storedType(tensor.b, isFirst: false)
    )
    guard let a = tensor.a, let b = tensor.b else {
      return TensorDifference(
        tensor, tensor.a == nil ? .added : .removed, explanation: try search.twins.explanation(tensor),
        storedTypes: stored)
    }
    let isReshaped = a.shape != b.shape
    if isEqual {
      let cast = "cast from \(a.type.rawValue) to \(b.type.rawValue), without loss"
      switch (isReshaped, a.type == b.type) {
      case (false, true): return TensorDifference(tensor, .same, storedTypes: stored)
      case (false, false):
        return TensorDifference(tensor, .retyped, explanation: Explanation(.cast, cast, exact: true))
      case (true, let sameType):
        return TensorDifference(
          tensor, .reshaped,
          explanation: Explanation(
            .reshape, "the same elements in another shape" + (sameType ? "" : ", \(cast)"), exact: true))
      }
    }
    let found = try search.result(tensor, a, b)
    let isStoredOtherwise = a.type != b.type || search.pair.conversion != nil
    let isRetyped = isStoredOtherwise && found.explanation?.kind == .cast && found.overflowed == 0
    return TensorDifference(
      tensor, isReshaped ? .reshaped : isRetyped ? .retyped : .changed, size: found.size,
      explanation: found.explanation, parts: found.parts, skipped: found.skipped,
      storedTypes: stored, leastChange: found.leastChange)
  }
}
