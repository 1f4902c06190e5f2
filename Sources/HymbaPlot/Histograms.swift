/// Small histograms side by side.
package struct Histograms: Figure {
  package var title: String
  package var summary: String
  package var panels: [Panel]
  package var width = standardWidth

  /// One histogram. Its bins have the same width.
  package struct Panel: Sendable {
    package var name: String
    /// The ends of the first and the last bin.
    package var low: Double
    package var high: Double
    /// The count of each bin. Each panel is scaled to its own largest count.
    package var counts: [Int]

    package init(_ name: String, low: Double, high: Double, counts: [Int]) {
      self.name = name
      self.low = low
      self.high = high
      self.counts = counts
    }
  }

  package init(_ title: String, summary: String, _ panels: [Panel]) {
    self.title = title
    self.summary = summary
    self.panels = panels
  }

  private static let most = 60
  private static let columns = 2
  private static let gap = 24.0
  private static let barsHeight = 60.0
  private static let panelHeight = barsHeight + 2 * TextSize.line + 14
  private static let mostBars = 64

  package func drawn() -> Drawing {
    let shown = panels.prefix(Self.most)
    let rows = (shown.count + Self.columns - 1) / Self.columns
    let elements = shown.enumerated().map { index, panel in
      let x = Double(index % Self.columns) * (panelWidth + Self.gap)
      let y = Double(index / Self.columns) * Self.panelHeight
      return SVGElement.group(
        content(of: panel), [("transform", "translate(\(x.coordinate) \(y.coordinate))")])
    }
    let notes =
      shown.count < panels.count
      ? ["The first \(shown.count) of \(panels.count) histograms are drawn."] : []
    return Drawing(self, elements, height: max(1, Double(rows) * Self.panelHeight), notes: notes)
  }

  private var panelWidth: Double {
    (width - Self.gap * Double(Self.columns - 1)) / Double(Self.columns)
  }

  private func content(of panel: Panel) -> [SVGElement] {
    let bins = Binning(panel.counts.count, atMost: Self.mostBars).bins
    // Counts are added as 64-bit floating-point numbers, whose sum cannot overflow.
    let counts = bins.map { bin in panel.counts[bin].reduce(0.0) { $0 + max(0, Double($1)) } }
    let most = max(1, counts.max() ?? 1)
    let width = panelWidth / Double(max(1, bins.count))
    let bottom = TextSize.line + Self.barsHeight
    func edge(_ bin: Int) -> String {
      let share = Double(bin) / Double(max(1, panel.counts.count))
      return (panel.low * (1 - share) + panel.high * share).plotText
    }
    let bars = zip(bins, counts).enumerated().compactMap { index, bin -> SVGElement? in
      guard bin.1 > 0 else { return nil }
      // A rare value is seen too.
      let height = max(1, Self.barsHeight * bin.1 / most)
      return SVGElement.rect(
        width * Double(index), bottom - height, max(0.5, width * 0.9), height,
        [("fill", SeriesStyle(0).color)]
      ).titled("\(edge(bin.0.lowerBound)) to \(edge(bin.0.upperBound)): \(bin.1.plotText)")
    }
    let name = TextSize.fitting(panel.name, panelWidth)
    let label = SVGElement.text(name, 0, 14)
    return [name == panel.name ? label : label.titled(panel.name)] + bars
      + [
        .line(0, bottom, panelWidth, bottom, [("stroke", Ink.faint)]),
        .text(panel.low.plotText, 0, bottom + 17, fill: Ink.faint),
        .text(panel.high.plotText, panelWidth, bottom + 17, anchor: "end", fill: Ink.faint),
      ]
  }
}
