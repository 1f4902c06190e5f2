import HymbaPlot

/// Plots in two columns, as a picture that needs no page.
struct Sheet {
  let svg: SVGElement

  private static let gap = 24.0

  init(_ plots: [Plot]) {
    let column = standardWidth + Self.gap
    // A plot is lower than this, with the rows of its legend.
    let row = 330.0 + Self.gap
    let cells = plots.enumerated().map { index, plot in
      let place = (x: Double(index % 2) * column + Self.gap, y: Double(index / 2) * row + Self.gap)
      var drawing = plot.drawn().svg
      drawing.attributes.removeAll { $0.name == "width" }
      drawing.attributes += [
        ("x", "\(place.x)"), ("y", "\(place.y)"), ("width", "\(standardWidth)"), ("height", "\(row - Self.gap)"),
        ("preserveAspectRatio", "xMinYMin"),
      ]
      return SVGElement.Child.element(drawing)
    }
    let (width, height) = (2 * column + Self.gap, Double((plots.count + 1) / 2) * row + Self.gap)
    let paper = SVGElement("rect", [("width", "\(width)"), ("height", "\(height)"), ("fill", "#fff")])
    svg = SVGElement(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 \(width) \(height)"), ("width", "\(width)"),
        ("height", "\(height)"),
      ], [.element(paper)] + cells)
  }
}
