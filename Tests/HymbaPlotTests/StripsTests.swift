import HymbaPlot
import Testing

@Suite("Strips")
struct StripsTests {
  private func markup(_ count: Int, rows: Int = 1) -> (String, notes: [String]) {
    let cells = (0..<count).map { Strips.Cell("m", style: $0 == 0 ? 0 : nil, text: "layer \($0)") }
    let drawing = Strips(
      "t", summary: "s", (0..<rows).map { .init("row \($0)", cells) }, legend: [(0, "m Mamba")]
    ).drawn()
    return (drawing.svg.markup, drawing.notes)
  }

  @Test("each box has its letter and its tooltip, and each line of twenty the number of its first box")
  func boxes() {
    let (markup, notes) = markup(45)
    #expect(notes == [])
    #expect(markup.components(of: "<title>layer ") == 45)
    for number in ["0", "20", "40"] { #expect(markup.contains(">\(number)</text>")) }
    #expect(!markup.contains(">60</text>"))
    #expect(markup.contains("m Mamba"))
  }

  @Test("what is too much for a picture is told")
  func limits() {
    #expect(markup(1001).notes == ["The first 1000 of 1001 boxes are drawn."])
    #expect(markup(1, rows: 65).notes == ["The first 64 of 65 rows are drawn."])
    #expect(markup(0).notes == [])
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
