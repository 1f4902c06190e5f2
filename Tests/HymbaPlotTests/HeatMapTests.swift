import Testing

@testable import HymbaPlot

@Suite("Heat maps and their colours")
struct HeatMapTests {
  private func map(_ values: [[Double]]) -> HeatMap {
    HeatMap("t", summary: "s", rows: "layer", columns: "position", values: "gate", values)
  }

  /// Computed by the inverses of the published matrices of Oklab, in Python.
  @Test(
    "colours go from blue to yellow",
    arguments: [
      (0, "#24296c"), (0.25, "#006490"), (0.5, "#009c95"), (0.75, "#80c889"), (1, "#f0e98c"),
    ])
  func colors(share: Double, hex: String) { #expect(SequentialColor(share).hex == hex) }

  @Test("a lighter colour is always a larger number")
  func lightness() {
    let lights = (0...100).map { step in
      let color = SequentialColor(Double(step) / 100)
      return 0.2126 * Double(color.red) + 0.7152 * Double(color.green) + 0.0722 * Double(color.blue)
    }
    #expect(zip(lights, lights.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("each number is a cell with a tooltip, and what cannot be drawn is left out and told")
  func cells() {
    let drawing = map([[0, 1], [0.5, .nan]]).drawn()
    let markup = drawing.svg.markup
    #expect(markup.contains("fill=\"#24296c\"><title>layer 0, position 0: 0</title>"))
    #expect(markup.contains("fill=\"#f0e98c\"><title>layer 0, position 1: 1</title>"))
    #expect(markup.contains("fill=\"#009c95\"><title>layer 1, position 0: 0.5</title>"))
    #expect(!markup.contains("layer 1, position 1"))
    #expect(drawing.notes == ["1 of 4 values is not finite and not drawn."])
  }

  @Test("too many rows and columns become means of neighbours")
  func binned() {
    let cells = HeatMapCells(
      (0..<128).map { row in (0..<192).map { Double(row * 1000 + $0) } },
      names: ("layer", "position"))
    #expect(cells.values.count == 64 && cells.values.allSatisfy { $0.count == 96 })
    // Rows 2 and 3, columns 4 and 5: (2004 + 2005 + 3004 + 3005) / 4.
    #expect(cells.values[1][2] == 2504.5)
    #expect(cells.rows.text(1, first: 0) == "2 to 3")
    #expect(cells.notes.count == 2)
  }

  @Test("a picture of very many numbers stays small")
  func size() {
    let rows = (0..<4096).map { row in (0..<100).map { Double((row + $0) % 17) } }
    let wide = [Array(repeating: 0.5, count: 100_000)] + rows
    #expect(map(wide).drawn().svg.markup.utf8.count < 1_200_000)
    let full = (0..<500).map { row in (0..<1000).map { Double((row + $0) % 17) } }
    #expect(map(full).drawn().svg.markup.utf8.count < 1_200_000)
  }

  @Test(
    "no values make a picture that is not well formed",
    arguments: PlotTests.hostile.map { [$0] } + [
      [], [[]], [[1, 2, 3], [], [4]], [[1e300], [-1e300]],
    ])
  func hostileValues(values: [[Double]]) {
    var map = map(values)
    _ = PictureReader(map)
    map.rowNames = ["<b>&\u{0}"]
    map.least = 0...0
    map.divider = HeatMap.Divider(column: 1, label: "<x>")
    map.format = .percent
    _ = PictureReader(map)
  }
}
