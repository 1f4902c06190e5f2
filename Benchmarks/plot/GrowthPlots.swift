import HymbaPlot

/// How the processor time and the memory of each command grow with each size.
enum GrowthPlots {
  private static let measures = [("seconds", "seconds of processor time"), ("megabytes", "MB of memory")]

  /// - Throws: A failure where a field of a row is no number.
  static func plots(_ rows: MeasuredRows) throws -> [Plot] {
    try rows.values("part", in: rows.rows).flatMap { part in
      let ofPart = rows.rows("part", part)
      return try measures.map { field, label in
        let lines = try rows.values("what", in: ofPart).enumerated().map { index, what in
          let points = try ofPart.filter { $0["what"] == what }.map {
            Series.Point(try rows.number("size", of: $0), try rows.number(field, of: $0))
          }
          return Mark.line(Series(what, points, style: index))
        }
        return Plot(
          "\(part): \(label)", summary: "Each line is a command.", x: Axis("\(part), logarithmic", .log10),
          y: Axis("\(label), logarithmic", .log10), lines)
      }
    }
  }
}
