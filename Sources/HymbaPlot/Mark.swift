/// Something that a plot shows.
package enum Mark: Sendable {
  /// A line through the points in their order, with a marker at each where there is room. The line has a
  /// gap where a point cannot be drawn.
  case line(Series)
  /// Markers alone.
  case points(Series)
  /// Vertical bars from 0, or from the lower edge of a logarithmic axis.
  case bars(Series)
  /// The area between two lines.
  case band(Band)
  /// A dashed line across the plot, which the legend explains.
  ///
  /// - Parameter style: The number of its dashes, counted from 0.
  case horizontalRule(at: Double, label: String, style: Int = 0)
  /// A line down the plot with its label above.
  case verticalRule(at: Double, label: String)
}

/// Points that belong together.
package struct Series: Sendable {
  /// The name in the legend.
  package var name: String
  package var points: [Point]
  /// The number of its colour, dashes and markers, counted from 0. Each series of a plot has its own.
  package var style: Int
  /// Whether a line has markers, where there is room.
  package var hasMarkers = true
  /// Whether values of 0, which have no place on a logarithmic axis, lie on its lower edge.
  package var zerosAtEdge = false

  package struct Point: Sendable {
    package var x: Double
    package var y: Double
    /// The tooltip; by default the numbers.
    package var text: String?
    /// A short name that is written beside the marker.
    package var label: String?

    package init(_ x: Double, _ y: Double, text: String? = nil, label: String? = nil) {
      self.x = x
      self.y = y
      self.text = text
      self.label = label
    }
  }

  package init(_ name: String, _ points: [Point], style: Int = 0) {
    self.name = name
    self.points = points
    self.style = style
  }

  /// Points at 0, 1, 2 and so on.
  package init(_ name: String, _ values: [Double], style: Int = 0) {
    self.init(
      name, values.enumerated().map { Point(Double($0.offset), $0.element) }, style: style)
  }
}

/// The area between two lines.
package struct Band: Sendable {
  package var name: String
  package var x: [Double]
  package var low: [Double]
  package var high: [Double]
  /// The number of its colour, counted from 0.
  package var style: Int
  /// From 0, invisible, to 1, opaque. Bands that lie on one another have different ones.
  package var opacity: Double

  /// - Parameters:
  ///   - x, low, high: As many numbers each; what is longer is cut.
  package init(
    _ name: String, x: [Double], low: [Double], high: [Double], style: Int = 0,
    opacity: Double = 0.25
  ) {
    self.name = name
    self.x = x
    self.low = low
    self.high = high
    self.style = style
    self.opacity = opacity
  }
}
