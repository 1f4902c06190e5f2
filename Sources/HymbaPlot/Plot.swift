/// A plot with two axes.
package struct Plot: Figure {
  package var title: String
  package var summary: String
  package var x: Axis
  package var y: Axis
  package var marks: [Mark]
  package var width = standardWidth
  /// The height of the area between the axes.
  package var height = 180.0

  package init(_ title: String, summary: String, x: Axis, y: Axis, _ marks: [Mark]) {
    self.title = title
    self.summary = summary
    self.x = x
    self.y = y
    self.marks = marks
  }

  package func drawn() -> Drawing {
    let frame = PlotFrame(self)
    var marks = MarkDrawer(frame, x: x, y: y)
    let drawn = self.marks.flatMap { marks.elements($0) }
    let axes = AxisDrawer(frame, x: x, y: y).elements
    let rules = frame.rules.map { label in
      let place = frame.x.place(label.value) ?? frame.left
      let base = frame.top - TextSize.line * Double(label.row) - 5
      return SVGElement.text(
        PlotFrame.fitting(label.text, place, width), place, base,
        anchor: place < width / 2 ? "start" : "end", fill: Ink.alarm)
    }
    return Drawing(
      self, frame.legend.elements + axes + drawn + rules, height: frame.height, notes: marks.notes)
  }

  /// All numbers that the horizontal axis must show.
  var xValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark {
      case .line(let series), .points(let series), .bars(let series): series.points.map(\.x)
      case .band(let band): band.x
      case .horizontalRule: []
      case .verticalRule(let value, _): [value]
      }
    }
  }

  /// All numbers that the vertical axis must show.
  var yValues: [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark {
      case .line(let series), .points(let series): series.points.map(\.y)
      case .bars(let series): series.points.map(\.y) + [0]
      case .band(let band): band.low + band.high
      case .horizontalRule(let value, _, _): [value]
      case .verticalRule: []
      }
    }
  }
}
