import HymbaFormat

extension TensorChange {
  /// Explains a change by its difference alone: low rank, few elements, other values.
  func explainDifference(
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
