import HymbaFormat
import HymbaPlot
import HymbaVerification

extension LayerFigures {
  /// Layers with experts.
  var routers: Section? {
    let routed = layers.filter { $0.router != nil }
    let loads = routed.compactMap { $0.router?.load }
    let experts = loads.map(\.count).max() ?? 0
    let even = 1 / Double(max(1, experts))
    var map = HeatMap(
      "Load of the experts by layer",
      summary: "An even share is \(even.percentText(1)).", rows: "layer", columns: "expert",
      values: "share of choices", loads)
    map.rowNames = routed.map { "\($0.index)" }
    map.format = .percent
    map.least = 0...even
    let extremes = plot(
      "Most and least loaded expert",
      y: Axis("share of choices", format: .percent, least: 0...even),
      of: "The load of experts",
      [
        .horizontalRule(at: even, label: "even share, \(even.percentText(1))"),
        .line(series("most loaded") { $0.router?.load.max() }),
        .line(series("least loaded", style: 1) { $0.router?.load.min() }),
      ])
    let most = RouterStatistics.evenEntropy(experts: experts)
    let entropy = plot(
      "How sure the routers are", y: Axis("entropy, nats", least: 0...max(most, 0.1)),
      of: "The routers' entropy",
      [
        .horizontalRule(at: most, label: "all experts alike, \(most.shortText)"),
        .line(series("entropy") { $0.router?.entropy }),
      ])
    return section(
      "Routers", tables.routers,
      [
        Picture(
          map,
          reading:
            "Each row is a layer, each column an expert. Yellow experts are chosen most, dark ones hardly; an even router gives each \(even.percentText(1))."
        ),
        Picture(
          extremes,
          reading:
            "The closer both lines are to the dashed one, the more evenly work is shared. A least load of 0 means an expert that this input never used."
        ),
        Picture(
          entropy,
          reading:
            "At 0 a router is always certain; at the dashed line it finds all experts equal, and its choice means little."
        ),
      ])
  }
}
