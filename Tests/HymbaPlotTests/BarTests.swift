import HymbaPlot
import Testing

@Suite("Stacked bars and histograms")
struct BarTests {
  /// The bars begin at 25.2 (two characters and a gap of 8) and end at 398; 100 % takes 372.8 units.
  @Test("segments follow one another")
  func segments() {
    let bars = StackedBars(
      "t", summary: "s", rows: "layer", axis: Axis("share", format: .percent),
      segments: ["a", "b"],
      [.init("l0", [0.25, 0.75])])
    let markup = bars.drawn().svg.markup
    #expect(markup.contains("x=\"25.2\" y=\"48\" width=\"93.2\" height=\"14\""))
    #expect(markup.contains("x=\"118.4\" y=\"48\" width=\"279.6\" height=\"14\""))
    #expect(markup.contains("<title>l0, b: 75 %</title>"))
  }

  @Test("lengths that cannot be are told")
  func impossible() {
    let bars = StackedBars(
      "t", summary: "s", rows: "layer", axis: Axis("share"), segments: ["a", "b"],
      [.init("l0", [-1, .nan])])
    #expect(
      bars.drawn().notes == [
        "1 of 2 values is not finite and not drawn.", "1 negative value has no bar.",
      ])
    _ = PictureReader(bars)
  }

  @Test("no lengths make a picture that is not well formed", arguments: PlotTests.hostile)
  func hostileLengths(values: [Double]) {
    let rows =
      [StackedBars.Row("<r>", values)] + values.prefix(200).map { StackedBars.Row("r", [$0, $0]) }
    _ = PictureReader(
      StackedBars("t", summary: "s", rows: "r", axis: Axis("x"), segments: ["a"], rows))
  }

  /// Two panels of 198 units; each of the two bins takes 99, and nine tenths of that are drawn.
  @Test("histograms are scaled to their own largest count")
  func histograms() {
    let markup = Histograms(
      "t", summary: "s",
      [.init("a", low: -1, high: 1, counts: [30, 60]), .init("b", low: 0, high: 0, counts: [])]
    ).drawn().svg.markup
    #expect(markup.contains("x=\"0\" y=\"50\" width=\"89.1\" height=\"30\""))
    #expect(markup.contains("x=\"99\" y=\"20\" width=\"89.1\" height=\"60\""))
    #expect(markup.contains("<title>-1 to 0: 30</title>"))
    #expect(markup.contains("translate(222 0)"))
  }

  @Test("hostile histograms are well formed")
  func hostileHistograms() {
    let panels = (0..<100).map {
      Histograms.Panel("<\($0)>", low: -.infinity, high: .nan, counts: [.max, .max, -3, 0])
    }
    let histograms = Histograms("t", summary: "s", panels)
    _ = PictureReader(histograms)
    #expect(histograms.drawn().notes == ["The first 60 of 100 histograms are drawn."])
  }
}
