/// The names of what a drawing shows, each beside a sample, in rows.
struct Legend {
  struct Entry {
    var name: String
    /// Draws the sample, which is 22 units wide, around a place at its left.
    var sample: (_ x: Double, _ y: Double) -> [SVGElement]
  }

  private static let sampleWidth = 22.0
  private static let gap = 14.0

  private(set) var elements: [SVGElement] = []
  /// The height of all rows.
  private(set) var height = 0.0

  init(_ entries: [Entry], width: Double) {
    guard !entries.isEmpty else { return }
    var x = 0.0
    var y = 0.0
    for entry in entries {
      let room = width - Self.sampleWidth - 6
      let name = TextSize.fitting(entry.name, room)
      let size = Self.sampleWidth + 6 + TextSize.width(name) + Self.gap
      if x > 0, x + size - Self.gap > width {
        x = 0
        y += TextSize.line
      }
      let label = SVGElement.text(name, x + Self.sampleWidth + 6, y + 14)
      elements += entry.sample(x, y + 10) + [name == entry.name ? label : label.titled(entry.name)]
      x += size
    }
    height = y + TextSize.line
  }

  static func line(_ name: String, _ style: SeriesStyle, hasLine: Bool, hasMarker: Bool) -> Entry {
    Entry(name: name) { x, y in
      (hasLine
        ? [
          .line(
            x, y, x + sampleWidth, y,
            [("stroke", style.color), ("stroke-width", "2")] + style.dash)
        ] : [])
        + (hasMarker
          ? [.path(style.marker(x + sampleWidth / 2, y), [("fill", style.color)])] : [])
    }
  }

  static func area(_ name: String, _ fill: String, opacity: Double) -> Entry {
    Entry(name: name) { x, y in
      [
        .rect(
          x, y - 6, sampleWidth, 12,
          [("fill", fill), ("fill-opacity", opacity.coordinate), ("stroke", fill)])
      ]
    }
  }

  static func rule(_ name: String, dash: String) -> Entry {
    Entry(name: name) { x, y in
      [
        .line(
          x, y, x + sampleWidth, y,
          [("stroke", Ink.text), ("stroke-width", "1.5"), ("stroke-dasharray", dash)])
      ]
    }
  }
}
