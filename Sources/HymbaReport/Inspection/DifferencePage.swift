import HymbaFormat
package import HymbaInspection
import HymbaModel
import HymbaPlot

/// The report of `hymba-inspect diff` as a page: the verdict, each change with its explanation, and where in the model
/// the changes are.
package struct DifferencePage {
  private let difference: CheckpointDifference
  private let report: DifferenceReport
  private let maker: String

  /// - Parameter maker: The tool and its version.
  package init(_ difference: CheckpointDifference, maker: String) {
    self.difference = difference
    self.report = DifferenceReport(difference)
    self.maker = maker
  }

  package var page: Page {
    let entries = DifferenceEntry.entries(of: difference)
    let changes = entries.isEmpty ? [] : [Section("What changed", [.table(table(entries))])]
    let pictures = [map, changeByLayer].compactMap(\.self)
    let names = SourceName.short(report.a, report.b)
    return Page(
      title: "Difference of \(names.0) and \(names.1)", verdict: verdict,
      [Section("What was compared", [.facts(facts)])] + changes
        + (pictures.isEmpty ? [] : [Section("Where it changed", [.pictures(pictures)])]), maker: maker)
  }

  private var verdict: Verdict {
    let counts = DifferenceEntry.counts(of: difference)
    return report.equal
      ? Verdict("The same: every tensor has the same type, shape and elements.", .good)
      : Verdict("They differ; \(counts).", .warning)
  }

  private var facts: [Fact] {
    func side(_ side: CheckpointPair.Side) -> String { side.location + (side.layout.map { " (\($0))" } ?? "") }
    let remarks = difference.pair.remarks.map { "\($0.location): \($0.sentence)" }
    return [
      Fact("A", side(difference.pair.a)), Fact("B, explained by A", side(difference.pair.b)),
      Fact(
        "paired by",
        report.names == .parameters
          ? "the parameters of the model, whatever the files call them" : "the names in the files"),
    ] + (remarks.isEmpty ? [] : [Fact("notes", remarks)])
  }

  private func table(_ entries: [DifferenceEntry]) -> ReportTable {
    ReportTable(
      "Each change with its explanation; tensors that differ alike in several layers are one row",
      [.text("tensors"), .text("status"), .text("shape"), .text("explanation"), .text("size of the change")],
      entries.flatMap { entry -> [[ReportTable.Cell]] in
        let why = ([entry.why + alikeParts(entry)] + entry.skipped).filter { !$0.isEmpty }.joined(separator: "; ")
        let row = [entry.name, entry.status.rawValue, entry.form, why, entry.size ?? ""].map { ReportTable.Cell($0) }
        return [row] + entry.parts.map { part in
          ["\(entry.name), \(part.name)", "part", "", part.text, ""].map { ReportTable.Cell($0) }
        }
      })
  }

  /// The parts that changed, for an entry of several tensors that are explained by parts.
  private func alikeParts(_ entry: DifferenceEntry) -> String {
    guard entry.parts.isEmpty, entry.tensors[0].explanation == nil else { return "" }
    let parts = entry.tensors[0].parts.filter(\.isChanged)
    guard !parts.isEmpty else { return "" }
    let texts = parts.map { part in
      part.name + (part.explanation.map { " \($0.detail)" } ?? " without explanation")
    }
    return (entry.tensors.count > 1 ? " in layer \(entry.layers.first ?? 0), " : " ") + texts.joined(separator: ", ")
  }

  /// The layers with those that changed in colour.
  private var map: Picture? {
    guard let layers = difference.layers, !report.equal else { return nil }
    let letters = String(layers.layers.compactMap(\.symbol))
    let cells = layers.layers.map { layer in
      let letter = layer.symbol ?? (layer.isChanged ? "x" : "·")
      let kind = layer.kind.map { ", \($0)" } ?? ""
      return Strips.Cell(
        String(letter),
        style: layer.isChanged ? LayerStrips.style(layer.symbol.flatMap(LayerStrips.symbol)) ?? 4 : nil,
        text: "layer \(layer.index)\(kind): \(layer.isChanged ? "changed" : "the same")")
    }
    let kinds = layers.kinds.map { "\($0.kind): \($0.changed.count) of \($0.count)" }
    return Picture(
      Strips(
        "Layers that changed", summary: "\(layers.changed.count) of \(layers.layers.count) layers changed.",
        [.init("\(layers.changed.count) of \(layers.layers.count) layers changed", cells)],
        legend: LayerStrips.legend(letters)),
      reading:
        "A coloured layer changed, a pale one is the same. \(kinds.joined(separator: "; ")).\(LayerStrips.notes(letters))"
    )
  }

  /// The most series that a plot tells apart.
  private static let mostSeries = 6

  /// The relative change of each tensor of a layer, by its component.
  private var changeByLayer: Picture? {
    var order: [String] = []
    var points: [String: [Series.Point]] = [:]
    for line in report.tensors {
      guard let change = line.relativeChange, change > 0, let layer = LayerMap.layer(line.name) else { continue }
      let component = Self.component(line.name, layer: layer)
      if points[component] == nil { order.append(component) }
      points[component, default: []].append(
        Series.Point(Double(layer), change, text: "\(line.name): \(change.shortText)"))
    }
    guard !order.isEmpty else { return nil }
    let kept = order.count > Self.mostSeries ? Array(order.prefix(Self.mostSeries - 1)) : order
    var series = kept.enumerated().map { Series($0.element, points[$0.element] ?? [], style: $0.offset) }
    if kept.count < order.count {
      let others = order.dropFirst(kept.count).flatMap { points[$0] ?? [] }
      series.append(Series("others", others, style: kept.count))
    }
    let all = series.flatMap { $0.points.map(\.y) }
    let layers = difference.layers.map { Double(0)...Double(max(1, $0.layers.count - 1)) }
    return Picture(
      Plot(
        "Relative change by layer",
        summary:
          "\(all.count) tensors changed by \((all.min() ?? 0).shortText) to \((all.max() ?? 0).shortText) of their size.",
        x: Axis("layer", format: .integer, least: layers), y: Axis("‖B − A‖ / ‖A‖", .log10),
        series.map(Mark.points)),
      reading:
        "Each mark is a tensor of a layer whose elements changed. At 1 the change is as large as the tensor; rounding to BF16 makes about 0.002, fine-tuning often 0.001 to 0.1. Tensors that belong to no layer are in the table alone."
    )
  }

  /// The word behind the layer's number, such as `mamba`.
  private static func component(_ name: String, layer: Int) -> String {
    let words = name.split(separator: ".")
    guard let number = words.firstIndex(of: "\(layer)"), number + 1 < words.count else { return name }
    return String(words[number + 1])
  }
}
