/// Draws stacked bars: the names of the segments, a bar for each row with its name, and the axis below.
struct StackedBarsDrawer {
  private let chart: StackedBars
  private let rows: [StackedBars.Row]
  private let scale: Scale
  private let legend: Legend
  private let left: Double
  private let right: Double
  private let top: Double
  private(set) var notes: [String] = []

  private static let mostRows = 64
  private static let rowHeight = 22.0
  private static let barHeight = 14.0
  private static let widestName = 170.0

  init(_ chart: StackedBars) {
    self.chart = chart
    let rows = Array(chart.rows.prefix(Self.mostRows))
    var undrawn = UndrawnNumbers()
    // A length is a number from 0 on, so what is negative has none.
    let drawn = rows.map { row in
      StackedBars.Row(
        row.name, row.values.map { undrawn.canDraw($0, .linear) ? max(0, $0) : 0 })
    }
    let negative = rows.flatMap(\.values).count { $0.isFinite && $0 < 0 }
    notes = undrawn.notes
    if negative > 0 {
      notes.append("\(negative) negative value\(negative == 1 ? " has" : "s have") no bar.")
    }
    if rows.count < chart.rows.count {
      notes.append("The first \(rows.count) of \(chart.rows.count) rows are drawn.")
    }
    var axis = chart.axis
    axis.kind = .linear
    let sums = drawn.map { $0.values.reduce(0, +) }
    var scale = Scale(
      axis, sums + [0] + (chart.rule.map { [$0.value] } ?? []), isRounded: true, steps: 5)
    left = min(Self.widestName, rows.map { TextSize.width($0.name) }.max() ?? 0) + 8
    right = chart.width - 22
    (scale.start, scale.end) = (left, right)
    legend = Legend(
      chart.segments.enumerated().map {
        Legend.area($0.element, SeriesStyle($0.offset).color, opacity: 0.85)
      } + (chart.rule.map { [Legend.rule($0.text, dash: MarkDrawer.dash(0))] } ?? []),
      width: chart.width)
    top = legend.height + TextSize.line + 4
    self.rows = drawn
    self.scale = scale
  }

  private var bottom: Double { top + Self.rowHeight * Double(max(1, rows.count)) }
  var height: Double { bottom + 2 * TextSize.line + 4 }

  var elements: [SVGElement] {
    legend.elements + [.text(chart.rowLabel, 0, legend.height + 14)] + ticks
      + rows.indices.flatMap(row) + rule
      + [.text(chart.axis.label, right, bottom + TextSize.line + 18, anchor: "end")]
  }

  private func row(_ index: Int) -> [SVGElement] {
    let row = rows[index]
    let y = top + Self.rowHeight * Double(index) + (Self.rowHeight - Self.barHeight) / 2
    let name = TextSize.fitting(row.name, Self.widestName)
    let label = SVGElement.text(name, left - 6, y + 11.5, anchor: "end", fill: Ink.faint)
    var sum = 0.0
    let bars = row.values.enumerated().compactMap { segment, value -> SVGElement? in
      let start = scale.place(scaled: sum)
      sum += value
      let width = scale.place(scaled: sum) - start
      guard width > 0 else { return nil }
      let segmentName = segment < chart.segments.count ? chart.segments[segment] : "\(segment)"
      return SVGElement.rect(
        start, y, width, Self.barHeight,
        [
          ("fill", SeriesStyle(segment).color), ("fill-opacity", "0.85"), ("stroke", Ink.paper),
          ("stroke-width", "1"),
        ]
      ).titled("\(row.name), \(segmentName): \(chart.axis.text(value))")
    }
    return [name == row.name ? label : label.titled(row.name)] + bars
  }

  private var ticks: [SVGElement] {
    let texts = AxisDrawer.ticks(chart.axis, scale, atMost: 5)
    return texts.map { .line($0.place, top, $0.place, bottom, AxisDrawer.gridLine) }
      + AxisDrawer.thinned(texts, ends: 0...chart.width).map {
        .text($0.text, $0.place, bottom + 18, anchor: "middle", fill: Ink.faint)
      }
  }

  private var rule: [SVGElement] {
    guard let rule = chart.rule, let place = scale.place(rule.value) else { return [] }
    let paint = [
      ("stroke", Ink.text), ("stroke-width", "1.5"), ("stroke-dasharray", MarkDrawer.dash(0)),
    ]
    return [
      SVGElement.line(place, top, place, bottom, paint).titled(
        "\(rule.text): \(chart.axis.text(rule.value))")
    ]
  }
}
