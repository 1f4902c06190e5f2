/// Draws the marks of a plot, and counts what cannot be drawn.
struct MarkDrawer {
  /// The most points of a series that have markers, and the most that have tooltips.
  private static let mostMarkers = 64
  private static let mostTooltips = 400
  private static let dashes = ["6 4", "2 4", "10 4 2 4"]

  private let frame: PlotFrame
  private let x: Axis
  private let y: Axis
  private var undrawn = UndrawnNumbers()
  private var thinning: [String] = []

  init(_ frame: PlotFrame, x: Axis, y: Axis) {
    self.frame = frame
    self.x = x
    self.y = y
  }

  /// What was not drawn, or together with its neighbours, as a sentence each.
  var notes: [String] { undrawn.notes + thinning }

  /// The dashes of a horizontal rule.
  static func dash(_ style: Int) -> String { dashes[max(0, style) % dashes.count] }

  mutating func elements(_ mark: Mark) -> [SVGElement] {
    switch mark {
    case .line(let series): line(series)
    case .points(let series): points(series)
    case .bars(let series): bars(series)
    case .band(let band): self.band(band)
    case .horizontalRule(let value, let label, let style): horizontalRule(value, label, style)
    case .verticalRule(let value, let label): verticalRule(value, label)
    }
  }

  /// A point at its place of the drawing.
  private struct Placed {
    var x: Double
    var y: Double
    var text: String
    var label: String?
  }

  private mutating func placed(_ point: Series.Point, of series: Series) -> Placed? {
    // A value that has no place on the vertical axis is the one to be told of.
    let isAtEdge = series.zerosAtEdge && point.y == 0 && y.kind == .log10
    let canDraw = isAtEdge || undrawn.canDraw(point.y, y.kind)
    guard canDraw, let px = frame.x.place(point.x),
      let py = isAtEdge ? frame.y.base : frame.y.place(point.y)
    else { return nil }
    let text = point.text ?? "\(series.name), \(x.label) \(x.text(point.x)): \(y.text(point.y))"
    return Placed(x: px, y: py, text: text, label: point.label)
  }

  private mutating func thinned(_ series: Series) -> [Series.Point] {
    let (points, note) = ThinnedPoints.thinned(series.points)
    if let note, !thinning.contains(note) { thinning.append(note) }
    return points
  }

  static func hasMarkers(_ series: Series) -> Bool {
    series.hasMarkers && series.points.count <= mostMarkers
  }

  private mutating func line(_ series: Series) -> [SVGElement] {
    let style = SeriesStyle(series.style)
    let places = thinned(series).map { placed($0, of: series) }
    var data = ""
    var isOpen = false
    for place in places {
      if let place { data += (isOpen ? "L" : "M") + "\(place.x.coordinate) \(place.y.coordinate)" }
      isOpen = place != nil
    }
    let path = SVGElement.path(
      data,
      [
        ("fill", "none"), ("stroke", style.color), ("stroke-width", "2"),
        ("stroke-linejoin", "round"),
      ]
        + style.dash
    ).titled(series.name)
    let hasMarkers = Self.hasMarkers(series)
    return (data.isEmpty ? [] : [path])
      + markers(places.compactMap(\.self), style, areSeen: hasMarkers)
  }

  private mutating func points(_ series: Series) -> [SVGElement] {
    let places = thinned(series).compactMap { placed($0, of: series) }
    return markers(places, SeriesStyle(series.style), areSeen: true) + labels(places)
  }

  /// The labels of points: right of the marker, or left of it where there is no room. One that would touch another
  /// label is written higher or lower.
  private func labels(_ places: [Placed]) -> [SVGElement] {
    var taken: [(x: ClosedRange<Double>, y: Double)] = []
    return places.compactMap { place in
      guard let label = place.label else { return nil }
      let width = TextSize.width(label)
      let fits = place.x + 7 + width <= frame.right
      let x = fits ? place.x + 7...place.x + 7 + width : place.x - 7 - width...place.x - 7
      let rows = [0.0, -15, 15, -30, 30, -45, 45].map { place.y + 4.5 + $0 }
      let y = rows.first { row in !taken.contains { $0.x.overlaps(x) && abs($0.y - row) < 14 } } ?? rows[0]
      taken.append((x, y))
      return .text(label, fits ? x.lowerBound : x.upperBound, y, anchor: fits ? "start" : "end")
    }
  }

  /// Markers with tooltips. Markers that are not seen show their tooltip only.
  private func markers(_ places: [Placed], _ style: SeriesStyle, areSeen: Bool) -> [SVGElement] {
    let hasTooltips = places.count <= Self.mostTooltips
    guard areSeen || hasTooltips else { return [] }
    let paint: [(name: String, value: String)] =
      areSeen ? [("fill", style.color)] : [("fill", style.color), ("fill-opacity", "0")]
    return places.map { place in
      let marker = SVGElement.path(style.marker(place.x, place.y, areSeen ? 3.5 : 5), paint)
      return hasTooltips ? marker.titled(place.text) : marker
    }
  }

  private mutating func bars(_ series: Series) -> [SVGElement] {
    let points = thinned(series)
    let spacing = (frame.x.end - frame.x.start) / Double(max(1, points.count - 1))
    let width = points.count < 2 ? min(60, frame.right - frame.left) * 0.8 : max(0.5, spacing * 0.8)
    let base = frame.y.base
    return points.compactMap { placed($0, of: series) }.map { place in
      SVGElement.rect(
        place.x - width / 2, min(place.y, base), width, abs(place.y - base),
        [("fill", SeriesStyle(series.style).color), ("fill-opacity", "0.8")]
      ).titled(place.text)
    }
  }

  private mutating func band(_ band: Band) -> [SVGElement] {
    let count = min(band.x.count, band.low.count, band.high.count)
    // Two lines of a band are thinned at the same points, so the shape stays one.
    let step = max(1, count / ThinnedPoints.most)
    var areas: [[(x: Double, low: Double, high: Double)]] = [[]]
    for index in stride(from: 0, to: count, by: step) {
      let canDrawLow = undrawn.canDraw(band.low[index], y.kind)
      let canDrawHigh = undrawn.canDraw(band.high[index], y.kind)
      if canDrawLow, canDrawHigh, let px = frame.x.place(band.x[index]),
        let low = frame.y.place(band.low[index]), let high = frame.y.place(band.high[index])
      {
        areas[areas.count - 1].append((px, low, high))
      } else {
        areas.append([])
      }
    }
    let style = SeriesStyle(band.style)
    return areas.compactMap { area in
      guard let first = area.first else { return nil }
      // The band of a single place is a short bar, which is seen.
      let area =
        area.count > 1
        ? area : [(first.x - 4, first.low, first.high), (first.x + 4, first.low, first.high)]
      let corners = area.map { ($0.x, $0.high) } + area.reversed().map { ($0.x, $0.low) }
      let data = corners.map { "\($0.0.coordinate) \($0.1.coordinate)" }.joined(separator: "L")
      return SVGElement.path(
        "M\(data)Z",
        [
          ("fill", style.color), ("fill-opacity", band.opacity.coordinate), ("stroke", style.color),
          ("stroke-opacity", "0.5"),
        ]
      ).titled(band.name)
    }
  }

  private func horizontalRule(_ value: Double, _ label: String, _ style: Int) -> [SVGElement] {
    guard let place = frame.y.place(value) else { return [] }
    let paint = [
      ("stroke", Ink.text), ("stroke-width", "1.5"), ("stroke-dasharray", Self.dash(style)),
    ]
    return [
      SVGElement.line(frame.left, place, frame.right, place, paint).titled(
        "\(label): \(y.text(value))")
    ]
  }

  private func verticalRule(_ value: Double, _ label: String) -> [SVGElement] {
    guard let place = frame.x.place(value) else { return [] }
    let row = frame.rules.first { $0.value == value && $0.text == label }?.row ?? 0
    let top = frame.top - TextSize.line * Double(row)
    let paint = [("stroke", Ink.alarm), ("stroke-width", "1.5")]
    return [SVGElement.line(place, top, place, frame.bottom, paint).titled(label)]
  }
}
