/// Drawn points, fewer than there are where a drawing has no room for all.
struct ThinnedPoints {
  /// The largest number of points of a line. A plot is about half as many units wide.
  static let most = 800

  /// The points; of each group of neighbours the lowest and the highest, where there are too many.
  static func thinned(_ points: [Series.Point]) -> (points: [Series.Point], note: String?) {
    guard points.count > most else { return (points, nil) }
    let groups = most / 2
    let thinned = (0..<groups).flatMap { group -> [Series.Point] in
      let range = points.count * group / groups..<points.count * (group + 1) / groups
      let finite = range.filter { points[$0].y.isFinite }
      guard let low = finite.min(by: { points[$0].y < points[$1].y }),
        let high = finite.max(by: { points[$0].y < points[$1].y })
      else { return range.first.map { [points[$0]] } ?? [] }
      return Set([low, high]).sorted().map { points[$0] }
    }
    return (
      thinned,
      "Of \(points.count) points, the lowest and the highest of each group of about \(points.count / groups) neighbours are drawn."
    )
  }
}
