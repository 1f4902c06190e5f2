import HymbaPlot

/// What each codec saves, and how fast it decodes: one plot for each type of the weights.
enum CodecPlots {
  /// - Throws: A failure where a field of a row is no number.
  static func plots(_ rows: MeasuredRows) throws -> [Plot] {
    try rows.values("type", in: rows.rows).map { type in
      let ofType = rows.rows("type", type)
      let series = try rows.values("threads", in: ofType).enumerated().map { index, threads in
        let points = try ofType.filter { $0["threads"] == threads }.map { row in
          Series.Point(
            try rows.number("decode", of: row), try rows.number("saving", of: row), label: row["peer"])
        }
        return Mark.points(Series(threads == "1" ? "1 thread" : "\(threads) threads", points, style: index))
      }
      return Plot(
        "\(type): saving and speed of decoding", summary: "Each point is a codec on trained weights of \(type).",
        x: Axis("decoding, MB/s of \(type), logarithmic", .log10), y: Axis("saving of \(type), %", least: 0...40), series)
    }
  }
}
