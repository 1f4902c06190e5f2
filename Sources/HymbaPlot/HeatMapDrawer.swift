/// Draws a heat map: the colours' scale, the names of the rows, the cells and the numbers of the columns.
struct HeatMapDrawer {
  private let map: HeatMap
  private let cells: HeatMapCells
  private let scale: Scale
  private let left: Double
  private let right: Double
  private let top: Double
  private let cellWidth: Double
  private let cellHeight: Double

  private static let legendHeight = 56.0
  /// The height of all cells together, between which a cell is as high as it is wide.
  private static let heights = 90.0...300.0
  private static let widestName = 150.0

  init(_ map: HeatMap) {
    let cells = HeatMapCells(map.values, names: (map.rowLabel, map.columnLabel))
    let axis = Axis(map.valueLabel, format: map.format, least: map.least)
    scale = Scale(axis, cells.values.joined().compactMap(\.self), isRounded: false, steps: 1)
    let names = (0..<cells.rows.bins.count).map { Self.name(map, cells, $0) }
    left = min(Self.widestName, names.map(TextSize.width).max() ?? 0) + 8
    right = map.width - 18
    top = Self.legendHeight + TextSize.line * (map.divider == nil ? 1 : 2) + 4
    let rows = Double(max(1, cells.rows.bins.count))
    cellWidth = (right - left) / Double(max(1, cells.columns.bins.count))
    let height = min(
      max(min(cellWidth, 30) * rows, Self.heights.lowerBound), Self.heights.upperBound)
    cellHeight = min(30, height / rows)
    self.map = map
    self.cells = cells
  }

  var notes: [String] { cells.notes }
  private var bottom: Double { top + cellHeight * Double(cells.rows.bins.count) }
  var height: Double { bottom + 2 * TextSize.line + 4 }

  var elements: [SVGElement] {
    legend + rowNames + rows + [frame] + columnTicks + divider
      + [
        .text(map.rowLabel, 0, Self.legendHeight + 14),
        .text(map.columnLabel, right, bottom + TextSize.line + 18, anchor: "end"),
      ]
  }

  private func color(_ value: Double) -> String {
    SequentialColor(scale.place(value) ?? 0).hex
  }

  private var axis: Axis { Axis(map.valueLabel, format: map.format) }

  private static func name(_ map: HeatMap, _ cells: HeatMapCells, _ row: Int) -> String {
    let bin = cells.rows.bins[row]
    guard let names = map.rowNames, bin.lowerBound < names.count else {
      return cells.rows.text(row, first: map.firstRow)
    }
    let last = names[min(bin.upperBound, names.count) - 1]
    return bin.count == 1 ? names[bin.lowerBound] : "\(names[bin.lowerBound]) to \(last)"
  }

  private var rows: [SVGElement] {
    cells.values.enumerated().map { row, values in
      let name = Self.name(map, cells, row)
      let y = top + cellHeight * Double(row)
      return .group(
        values.enumerated().compactMap { column, value in
          guard let value else { return nil }
          let x = left + cellWidth * Double(column)
          let place = cells.columns.text(column, first: map.firstColumn)
          return SVGElement.rect(x, y, cellWidth, cellHeight, [("fill", color(value))]).titled(
            "\(map.rowLabel) \(name), \(map.columnLabel) \(place): \(axis.text(value))")
        }, Self.withoutSeams)
    }
  }

  /// Edges that fall between two points of a screen would shine through.
  private static let withoutSeams = [("shape-rendering", "crispEdges")]

  private var frame: SVGElement {
    .rect(left, top, right - left, bottom - top, [("fill", "none"), ("stroke", Ink.faint)])
  }

  /// The names of the rows, as many as have room.
  private var rowNames: [SVGElement] {
    let step = max(1, Int((16 / cellHeight).rounded(.up)))
    return stride(from: 0, to: cells.rows.bins.count, by: step).map { row in
      let name = Self.name(map, cells, row)
      let fitting = TextSize.fitting(name, Self.widestName)
      let text = SVGElement.text(
        fitting, left - 6, top + cellHeight * (Double(row) + 0.5) + 4.5, anchor: "end",
        fill: Ink.faint)
      return fitting == name ? text : text.titled(name)
    }
  }

  private var columnTicks: [SVGElement] {
    let count = cells.columns.bins.last?.upperBound ?? 0
    guard count > 0 else { return [] }
    let first = Double(map.firstColumn)
    let ticks = Ticks.linear(first, first + Double(max(1, count - 1)), atMost: 8, integers: true)
    let texts =
      count == 1
      ? [AxisDrawer.Tick(place: (left + right) / 2, text: "\(map.firstColumn)")]
      : zip(ticks.places, ticks.numbers).map { value, number in
        let place = left + (right - left) * (value - first + 0.5) / Double(count)
        return AxisDrawer.Tick(place: place, text: number.text)
      }
    return AxisDrawer.thinned(texts, ends: 0...map.width).map {
      .text($0.text, $0.place, bottom + 18, anchor: "middle", fill: Ink.faint)
    }
  }

  private var divider: [SVGElement] {
    guard let divider = map.divider, let count = cells.columns.bins.last?.upperBound, count > 0
    else {
      return []
    }
    let place = left + (right - left) * Double(min(max(0, divider.column), count)) / Double(count)
    let isLeft = place < map.width / 2
    return [
      .line(
        place, top - TextSize.line, place, bottom, [("stroke", Ink.alarm), ("stroke-width", "1.5")]),
      .text(
        TextSize.fitting(divider.label, map.width / 2), place + (isLeft ? 4 : -4), top - 7,
        anchor: isLeft ? "start" : "end", fill: Ink.alarm),
    ]
  }

  /// The colours from the least to the largest number, with the numbers below.
  private var legend: [SVGElement] {
    let steps = 48
    let width = min(240, map.width)
    let step = width / Double(steps)
    let bar = (0..<steps).map { index in
      SVGElement.rect(
        step * Double(index), TextSize.line, step, 12,
        [("fill", SequentialColor(Double(index) / Double(steps - 1)).hex)])
    }
    var scale = scale
    (scale.start, scale.end) = (0, width)
    let ticks = scale.ticks(atMost: 4, integers: false)
    let texts = zip(ticks.places, ticks.numbers).map {
      AxisDrawer.Tick(place: scale.place(scaled: $0), text: axis.text($1))
    }
    let labels = AxisDrawer.thinned(texts, ends: -60...map.width).map { tick in
      let half = TextSize.width(tick.text) / 2
      return SVGElement.text(
        tick.text, max(tick.place, half), TextSize.line + 28, anchor: "middle", fill: Ink.faint)
    }
    return [.text(map.valueLabel, 0, 14), .group(bar, Self.withoutSeams)] + labels
  }
}
