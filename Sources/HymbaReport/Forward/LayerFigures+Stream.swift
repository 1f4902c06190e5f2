import HymbaPlot
import HymbaVerification

extension LayerFigures {
  /// Layers that add two branches to the stream.
  var branches: Section? {
    let share = plot(
      "What each branch adds, by layer", y: Axis("RMS of the branch / RMS of the stream", .log10),
      of: "The share of each branch in the stream",
      [
        .horizontalRule(at: 1, label: "as much as was there"),
        .line(series("attention") { $0.branches?.attentionShare }),
        .line(series("Mamba", style: 1) { $0.branches?.mambaShare }),
      ])
    return section(
      "Branches beside the stream", tables.branches,
      [
        Picture(
          share,
          reading:
            "Both branches are added to the stream. The higher of the two lines decides more; a line far below 1 hardly changes anything."
        )
      ])
  }

  /// Layers that add one thing to the stream.
  var residuals: Section? {
    let kinds: [(name: String, mixer: LayerReport.Mixer)] = [
      ("attention", .attention), ("Mamba", .mamba), ("feed forward", .none),
      ("shared block, then Mamba", .sharedThenMamba),
    ]
    let added = kinds.enumerated().map { style, kind in
      series(kind.name, style: style) { $0.mixer == kind.mixer ? $0.residual?.share : nil }
    }
    let shared = series("shared block alone", style: 4) { $0.residual?.sharedShare }
    let marks = (added + [shared]).filter { !$0.points.isEmpty }.map(Mark.points)
    return section(
      "What layers add to the stream", tables.residuals,
      [
        Picture(
          plot(
            "What each layer adds", y: Axis("RMS added / RMS of the stream", .log10),
            of: "What a layer adds, in shares of the stream",
            [.horizontalRule(at: 1, label: "as much as was there")] + marks),
          reading:
            "A layer far below the others adds next to nothing; one above the dashed line adds more than was there, as first layers often do."
        )
      ])
  }

  /// The residual stream after each layer.
  var stream: Section? {
    guard !layers.isEmpty else { return nil }
    let picture = Picture(
      plot(
        "Residual stream by layer", y: Axis("output RMS", .log10), of: "The output's RMS",
        [.line(series("after the layer") { $0.streamRMS })]),
      reading:
        "The output of a layer is the stream after it. RMS, the root mean square, is the usual size of a value. It mostly grows slowly from layer to layer; a sudden jump points at the layer to look into."
    )
    return section("Residual stream", tables.stream, [picture])
  }
}
