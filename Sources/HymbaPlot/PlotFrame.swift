/// The places of a plot: the area between the axes, and what lies around it.
struct PlotFrame {
  let x: Scale
  let y: Scale
  let legend: Legend
  let rules: [RuleLabel]
  /// The edges of the area between the axes.
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double

  /// The label of a vertical rule, above the area.
  struct RuleLabel {
    let value: Double
    let text: String
    /// Counted from the area upward.
    let row: Int
  }

  static let ySteps = 5
  /// The room right of the area, which half of the last tick's text needs.
  private static let margin = 18.0
  /// The largest number of rows of labels of vertical rules.
  private static let mostRows = 3

  init(_ plot: Plot) {
    var y = Scale(plot.y, plot.yValues, isRounded: true, steps: Self.ySteps)
    var x = Scale(plot.x, plot.xValues, isRounded: false, steps: 1)
    let texts = AxisDrawer.ticks(plot.y, y, atMost: Self.ySteps).map(\.text)
    let left = (texts.map(TextSize.width).max() ?? 0) + 8
    let right = plot.width - Self.margin
    // Bars and markers at the ends stay within the area.
    let bars = plot.marks.compactMap { mark in
      if case .bars(let series) = mark, !series.points.isEmpty { series.points.count } else { nil }
    }
    let padding = max(6, bars.max().map { (right - left) / Double(2 * $0) } ?? 0)
    (x.start, x.end) = (left + padding, right - padding)
    let legend = Legend(plot.marks.compactMap(Legend.entry), width: plot.width)
    let rules = Self.labels(plot, x)
    let rows = (rules.map(\.row).max() ?? -1) + 1
    let top = legend.height + TextSize.line * Double(rows + 1) + 10
    let bottom = top + plot.height
    (y.start, y.end) = (bottom, top)
    self.x = x
    self.y = y
    self.legend = legend
    self.rules = rules
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// The height of the whole plot.
  var height: Double { bottom + 2 * TextSize.line + 4 }

  /// Gives each label a row in which it overlaps no other. Labels beyond the last row are left to the
  /// tooltip.
  private static func labels(_ plot: Plot, _ x: Scale) -> [RuleLabel] {
    var ends = Array(repeating: [ClosedRange<Double>](), count: mostRows)
    return plot.marks.compactMap { mark in
      guard case .verticalRule(let value, let text) = mark, let place = x.place(value) else {
        return nil
      }
      let range = labelRange(text, place, plot.width)
      guard let row = ends.firstIndex(where: { row in !row.contains { $0.overlaps(range) } }) else {
        return nil
      }
      ends[row].append(range)
      return RuleLabel(value: value, text: text, row: row)
    }
  }

  /// Where a label lies: right of its rule in the left half of the plot, else left of it.
  static func labelRange(_ text: String, _ place: Double, _ width: Double) -> ClosedRange<Double> {
    let size = TextSize.width(fitting(text, place, width))
    return place < width / 2 ? place...place + size : place - size...place
  }

  /// The label cut to the room beside its rule.
  static func fitting(_ text: String, _ place: Double, _ width: Double) -> String {
    TextSize.fitting(text, max(place, width - place))
  }
}

extension Legend {
  /// The entry of a mark; nil for those that the legend does not explain.
  static func entry(_ mark: Mark) -> Entry? {
    switch mark {
    case .line(let series):
      line(
        series.name, SeriesStyle(series.style), hasLine: true,
        hasMarker: MarkDrawer.hasMarkers(series))
    case .points(let series):
      line(series.name, SeriesStyle(series.style), hasLine: false, hasMarker: true)
    case .bars(let series): area(series.name, SeriesStyle(series.style).color, opacity: 0.8)
    case .band(let band): area(band.name, SeriesStyle(band.style).color, opacity: band.opacity)
    case .horizontalRule(_, let label, let style): rule(label, dash: MarkDrawer.dash(style))
    case .verticalRule: nil
    }
  }
}
