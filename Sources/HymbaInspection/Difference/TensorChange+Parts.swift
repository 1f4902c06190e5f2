extension TensorChange {
  func explained(_ change: PartChange, _ hashes: Hashes?) throws -> TensorDifference.Part {
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
  func partwise(_ parts: [TensorDifference.Part]) -> Explanation? {
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
}
