/// Draws the axes of a plot: lines at round numbers, their texts, and what the axes measure.
struct AxisDrawer {
  private let frame: PlotFrame
  private let x: Axis
  private let y: Axis

  init(_ frame: PlotFrame, x: Axis, y: Axis) {
    self.frame = frame
    self.x = x
    self.y = y
  }

  /// A text at a place of the drawing.
  struct Tick {
    var place: Double
    var text: String
  }

  /// The ticks of an axis whose places do not depend on the room that their texts have.
  static func ticks(_ axis: Axis, _ scale: Scale, atMost count: Int) -> [Tick] {
    if let places = axis.places {
      return places.compactMap { place in
        scale.place(place.value).map { Tick(place: $0, text: place.text) }
      }
    }
    let ticks = scale.ticks(atMost: count, integers: axis.format == .integer)
    return zip(ticks.places, ticks.numbers).map {
      Tick(place: scale.place(scaled: $0), text: axis.text($1))
    }
  }

  var elements: [SVGElement] {
    let frame = frame
    var elements: [SVGElement] = []
    for tick in Self.ticks(y, frame.y, atMost: PlotFrame.ySteps) {
      elements.append(.line(frame.left, tick.place, frame.right, tick.place, Self.gridLine))
      elements.append(
        .text(tick.text, frame.left - 6, tick.place + 4.5, anchor: "end", fill: Ink.faint))
    }
    for tick in xTicks {
      elements.append(
        .line(tick.place, frame.bottom, tick.place, frame.bottom + 4, [("stroke", Ink.faint)]))
      elements.append(
        .text(tick.text, tick.place, frame.bottom + 18, anchor: "middle", fill: Ink.faint))
    }
    elements.append(
      .line(frame.left, frame.bottom, frame.right, frame.bottom, [("stroke", Ink.faint)]))
    elements.append(.text(y.label, 0, frame.legend.height + 14))
    elements.append(
      .text(x.label, frame.right, frame.bottom + TextSize.line + 18, anchor: "end"))
    return elements
  }

  static let gridLine = [("stroke", Ink.grid), ("stroke-width", "1")]

  /// The ticks of the horizontal axis, as many as have room.
  private var xTicks: [Tick] {
    let width = frame.right - frame.left
    guard x.places == nil else {
      return Self.thinned(Self.ticks(x, frame.x, atMost: 0), ends: 0...frame.right + 18)
    }
    let size = Self.ticks(x, frame.x, atMost: 4).map { TextSize.width($0.text) }.max() ?? 0
    let ticks = Self.ticks(x, frame.x, atMost: max(1, min(8, Int(width / (size + 14)))))
    return Self.thinned(ticks, ends: 0...frame.right + 18)
  }

  /// The ticks in order, without those that would touch the one before them or leave the drawing.
  static func thinned(_ ticks: [Tick], ends: ClosedRange<Double>) -> [Tick] {
    var end = ends.lowerBound
    return ticks.sorted { $0.place < $1.place }.filter { tick in
      let half = TextSize.width(tick.text) / 2
      guard tick.place - half >= end, tick.place + half <= ends.upperBound + 6 else { return false }
      end = tick.place + half + 6
      return true
    }
  }
}
