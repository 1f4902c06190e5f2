/// How one series differs from the others: by colour, by dashes and by the form of its markers.
///
/// The page defines the colours as `--series-1` to `--series-6`, for light, dark and paper. The ones given
/// here are those of Okabe and Ito, which people with any colour vision can tell apart, for a drawing
/// without a page.
struct SeriesStyle {
  /// Counted from 0.
  let index: Int

  init(_ index: Int) { self.index = max(0, index) }

  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
  private static let dashes = [nil, "6 3", "2 3", "9 3 2 3", "12 4", "4 2"]

  static let count = colors.count

  var color: String {
    let index = index % Self.count
    return "var(--series-\(index + 1), \(Self.colors[index]))"
  }

  /// The attribute for dashes, none for the first series.
  var dash: [(name: String, value: String)] {
    Self.dashes[index % Self.count].map { [("stroke-dasharray", $0)] } ?? []
  }

  /// The outline of a marker around a place, as the data of a path.
  func marker(_ x: Double, _ y: Double, _ size: Double = 3.5) -> String {
    func path(_ corners: [(Double, Double)]) -> String {
      let points = corners.map { "\((x + $0.0 * size).coordinate) \((y + $0.1 * size).coordinate)" }
      return "M" + points.joined(separator: "L") + "Z"
    }
    return switch index % Self.count {
    case 0:
      "M\((x - size).coordinate) \(y.coordinate)a\(size.coordinate) \(size.coordinate) 0 1 0 \((2 * size).coordinate) 0a\(size.coordinate) \(size.coordinate) 0 1 0 \((-2 * size).coordinate) 0Z"
    case 1: path([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case 2: path([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)])
    case 3: path([(0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)])
    case 4: path([(0, 1.2), (1.1, -0.8), (-1.1, -0.8)])
    // A flat bar.
    default: path([(-1.3, -0.5), (1.3, -0.5), (1.3, 0.5), (-1.3, 0.5)])
    }
  }
}

/// The colours of a drawing that are not those of a series, each with one for a drawing without a page.
enum Ink {
  static let text = "var(--text, #222)"
  static let faint = "var(--muted, #666)"
  static let grid = "var(--grid, #ddd)"
  static let paper = "var(--paper, #fff)"
  static let alarm = "var(--alarm, #b00020)"
}
