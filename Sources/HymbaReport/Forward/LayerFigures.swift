import HymbaFormat
import HymbaPlot
import HymbaVerification

/// The sections about the layers: each kind of statistics that some layer has, in pictures and a table.
struct LayerFigures {
  let layers: [LayerReport]
  /// The number of positions before the input's.
  let metaCount: Int
  let tables: LayerStatisticsTables

  init(_ report: VerificationReport) {
    layers = report.layers
    tables = LayerStatisticsTables(report.layers)
    let length =
      report.layers.first.flatMap { $0.outputShape.count > 1 ? $0.outputShape[1] : nil } ?? 0
    let positions = report.input.flatMap { $0.shape.count > 1 ? $0.shape[1] : nil } ?? length
    metaCount = max(0, length - positions)
  }

  /// A section with pictures above a table; nil without the table.
  func section(_ heading: String, _ table: ReportTable?, _ pictures: [Picture]) -> Section? {
    table.map { Section(heading, [.pictures(pictures), .foldedTable($0)]) }
  }

  /// The values of the layers that have them, at the numbers of the layers.
  func series(
    _ name: String, style: Int = 0, _ value: (LayerReport) -> Double?
  ) -> Series {
    Series(
      name,
      layers.compactMap { layer in
        value(layer).map {
          Series.Point(
            Double(layer.index), $0, text: "layer \(layer.index), \(name): \($0.shortText)")
        }
      }, style: style)
  }

  /// A plot of values by layer.
  func plot(_ title: String, y: Axis, of value: String, _ marks: [Mark]) -> Plot {
    Plot(
      title, summary: Self.summary(marks, of: value), x: Axis("layer", format: .integer), y: y,
      marks)
  }

  /// Rows of values by position, one row for each layer that has them.
  func heatMap(
    _ title: String, of value: String, _ rows: (LayerReport) -> [Double]?
  ) -> HeatMap? {
    let rows = layers.compactMap { layer in rows(layer).map { (layer: layer.index, values: $0) } }
    guard rows.contains(where: { !$0.values.isEmpty }) else { return nil }
    let finite = rows.joinedValues.filter(\.isFinite)
    let range = finite.min().flatMap { low in
      finite.max().map { "\(low.shortText) to \($0.shortText)" }
    }
    var map = HeatMap(
      title, summary: "The values go from \(range ?? "nothing to nothing").", rows: "layer",
      columns: "position", values: value, rows.map(\.values))
    map.rowNames = rows.map { "\($0.layer)" }
    if metaCount > 0 { map.divider = HeatMap.Divider(column: metaCount, label: "input begins") }
    return map
  }

  /// The range of the first series, as a sentence for someone who does not see the plot.
  private static func summary(_ marks: [Mark], of value: String) -> String {
    let sentences = marks.compactMap { mark -> String? in
      guard let series = mark.series else { return nil }
      let points = series.points.filter(\.y.isFinite)
      guard let low = points.min(by: { $0.y < $1.y }), let high = points.max(by: { $0.y < $1.y })
      else {
        return nil
      }
      return low.y == high.y
        ? "\(series.name): \(low.y.shortText) throughout."
        : "\(series.name): from \(low.y.shortText) in layer \(low.x.shortText) to \(high.y.shortText) in layer \(high.x.shortText)."
    }
    return "\(value) by layer. " + sentences.joined(separator: " ")
  }
}

extension Mark {
  /// The points of the mark; nil for bands and rules.
  fileprivate var series: Series? {
    switch self {
    case .line(let series), .points(let series), .bars(let series): series
    case .band, .horizontalRule, .verticalRule: nil
    }
  }
}

extension [(layer: Int, values: [Double])] {
  fileprivate var joinedValues: [Double] { flatMap(\.values) }
}
