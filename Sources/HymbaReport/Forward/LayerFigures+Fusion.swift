import HymbaPlot
import HymbaVerification

extension LayerFigures {
  /// Layers whose branches a learned gate mixes.
  var gates: Section? {
    let share = Axis("gate", least: 0...1)
    func quantile(_ index: Int) -> (LayerReport) -> Double? {
      { $0.gate.flatMap { index < $0.quantiles.count ? $0.quantiles[index] : nil } }
    }
    func band(_ name: String, _ low: Int, _ high: Int, opacity: Double) -> Mark {
      let layers = layers.filter { $0.gate != nil }
      return .band(
        Band(
          name, x: layers.map { Double($0.index) }, low: layers.map { quantile(low)($0) ?? .nan },
          high: layers.map { quantile(high)($0) ?? .nan }, opacity: opacity))
    }
    let mean = plot(
      "Gate by layer", y: share, of: "The fusion gate",
      [
        band("90 % of values", 0, 4, opacity: 0.2), band("half of values", 1, 3, opacity: 0.3),
        .horizontalRule(at: 0.5, label: "both branches alike"),
        .line(series("mean") { $0.gate?.mean }),
      ])
    let saturation = plot(
      "Saturated gates by layer", y: Axis("share of gate values", format: .percent, least: 0...1),
      of: "The share of saturated gate values",
      [
        .line(series("below 0.05") { $0.gate?.below005 }),
        .line(series("above 0.95", style: 1) { $0.gate?.above095 }),
      ])
    var map = heatMap("Gate by layer and position", of: "mean gate") { $0.gate?.positions }
    map?.least = 0...1
    return section(
      "Fusion gates", tables.gates,
      [
        Picture(
          mean,
          reading:
            "At 1 a layer passes on its Mamba branch alone, at 0 its attention alone. A wide band means that channels and positions differ."
        ),
        Picture(
          saturation,
          reading:
            "Values below 0.05 are practically attention alone, above 0.95 practically Mamba alone. A gate that is saturated nearly everywhere no longer mixes."
        ),
      ]
        + (map.map {
          [
            Picture(
              $0,
              reading:
                "Each row is a layer, each column a position: yellow leans to Mamba, blue to attention.\(metaRemark)"
            )
          ]
        } ?? []))
  }

  private var metaRemark: String {
    metaCount > 0
      ? " The first \(metaCount) position\(metaCount == 1 ? " is a meta token" : "s are meta tokens"), which the model puts before every input."
      : ""
  }

  /// Layers that join their branches as the mean of their norms.
  var fusions: Section? {
    let share = plot(
      "Share of attention by layer", y: Axis("share of attention", format: .percent, least: 0...1),
      of: "The share of attention",
      [
        .horizontalRule(at: 0.5, label: "both branches alike"),
        .line(series("attention's share") { $0.fusion?.attentionShare }),
      ])
    let cosine = plot(
      "Agreement of the branches by layer", y: Axis("cosine", least: -1...1), of: "The cosine",
      [
        .horizontalRule(at: 0, label: "unrelated"), .line(series("cosine") { $0.fusion?.cosine }),
      ])
    let size = plot(
      "Size of the branches by layer", y: Axis("RMS before the norms", .log10),
      of: "The branches' RMS",
      [
        .line(series("attention") { $0.fusion?.attentionRMS }),
        .line(series("Mamba", style: 1) { $0.fusion?.mambaRMS }),
      ])
    let gate = plot(
      "Channels that Mamba's gate shuts off",
      y: Axis("share of gate values below 0.01", format: .percent, least: 0...1),
      of: "The share of gate values near 0", [.line(series("near 0") { $0.fusion?.gateNearZero })])
    var map = heatMap("Share of attention by layer and position", of: "share of attention") {
      $0.fusion?.positions
    }
    map?.format = .percent
    map?.least = 0...1
    return section(
      "Fusion of attention and Mamba", tables.fusions,
      [
        Picture(
          share,
          reading:
            "Above the dashed line attention weighs more, below it Mamba. Near 0 or 100 % one branch does nothing."
        ),
        Picture(
          cosine,
          reading:
            "At 1 both branches push the stream in the same direction, at 0 they say different things, below 0 they work against each other."
        ),
        Picture(
          size,
          reading:
            "RMS, the root mean square, is the usual size of a value. The norms behind it remove it, so sizes that drift apart do no harm by themselves."
        ),
        Picture(
          gate,
          reading:
            "Mamba's output is multiplied by a gate: where that is near 0, the channel is off."),
      ]
        + (map.map {
          [
            Picture(
              $0,
              reading:
                "Each row is a layer, each column a position: yellow leans to attention, blue to Mamba.\(metaRemark)"
            )
          ]
        } ?? []))
  }
}
