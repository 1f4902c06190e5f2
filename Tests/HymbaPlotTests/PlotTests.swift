import HymbaPlot
import Testing

@Suite("Plots")
struct PlotTests {
  /// The area lies between 33.8 (a text of three characters and a gap of 8) and 402, and between 50 (a row
  /// of the legend, one of the label and a gap of 10) and 230. Six units at both ends are left for markers.
  @Test("points lie where the axes say")
  func line() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y"), [.line(Series("a", [0, 1, 0.5]))])
    let markup = plot.drawn().svg.markup
    #expect(markup.contains("viewBox=\"0 0 420 274\""))
    #expect(markup.contains("d=\"M39.8 230L217.9 50L396 140\""))
    #expect(markup.contains("<title>a, x 1: 1</title>"))
    #expect(markup.contains("<title>t</title><desc>s</desc>"))
  }

  @Test("a line has a gap where a value cannot be drawn, and the gap is told")
  func gap() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y"), [.line(Series("a", [0, .nan, 1, .infinity]))])
    let drawing = plot.drawn()
    #expect(drawing.notes == ["2 of 4 values are not finite and not drawn."])
    #expect(
      drawing.svg.markup.contains("<desc>s 2 of 4 values are not finite and not drawn.</desc>"))
    #expect(PictureReader(plot).counts["path"] == 4)
  }

  /// The area ends at 402 and the markers at 396, where a label of one character has no room.
  @Test("a label is right of its marker, and left of it where there is no room")
  func labels() {
    let points = [Series.Point(0, 0, label: "p"), Series.Point(1, 1, label: "q")]
    let markup = Plot("t", summary: "s", x: Axis("x"), y: Axis("y"), [.points(Series("a", points))]).drawn().svg.markup
    #expect(markup.contains(/<text x="46.8" y="234.5" text-anchor="start"[^>]*>p</), "\(markup)")
    #expect(markup.contains(/<text x="389" y="54.5" text-anchor="end"[^>]*>q</), "\(markup)")
  }

  @Test("a label that would touch another is written higher")
  func labelsApart() {
    let points = [0.0, 0.01, 1].map { Series.Point($0, 0, label: "p\($0)") }
    let markup = Plot("t", summary: "s", x: Axis("x"), y: Axis("y"), [.points(Series("a", points))]).drawn().svg.markup
    #expect(markup.contains(/y="234.5" [^>]*>p0\.0</), "\(markup)")
    #expect(markup.contains(/y="219.5" [^>]*>p0\.01</), "\(markup)")
    #expect(markup.contains(/y="234.5" [^>]*>p1\.0</), "\(markup)")
  }

  @Test("0 has no place on a logarithmic axis, and that is told")
  func zero() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y", .log10), [.points(Series("a", [0, 1, 10]))])
    #expect(
      plot.drawn().notes == [
        "1 of 3 values is not above 0 and not drawn, as the scale is logarithmic."
      ])
  }

  @Test("but on the lower edge where a series says so")
  func zeroAtEdge() {
    var series = Series("a", [0, 1, 100])
    series.zerosAtEdge = true
    let plot = Plot("t", summary: "s", x: Axis("x"), y: Axis("y", .log10), [.line(series)])
    #expect(plot.drawn().notes == [])
    // The axis begins at 1, so that 0 and 1 lie on the edge, which is at 230.
    let markup = plot.drawn().svg.markup
    #expect(markup.contains(/d="M[0-9.]+ 230L[0-9.]+ 230L[0-9.]+ 50"/), "\(markup)")
  }

  /// The texts of the axis, which goes from -1 to 1, have up to four characters, so the area lies between
  /// 42.4 and 402. Each bar takes four fifths of a third of it.
  @Test("bars stand on 0")
  func bars() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y"), [.bars(Series("a", [1, -1, 0.5]))])
    let markup = plot.drawn().svg.markup
    #expect(markup.contains("x=\"54.39\" y=\"50\" width=\"95.89\" height=\"90\""))
    #expect(markup.contains("y=\"140\" width=\"95.89\" height=\"90\""))
  }

  @Test("a band goes along its upper line and back along the lower")
  func band() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y", least: 0...1),
      [.band(Band("b", x: [0, 1], low: [0, 0.5], high: [0.5, 1]))])
    #expect(plot.drawn().svg.markup.contains("d=\"M39.8 140L396 50L396 140L39.8 230Z\""))
  }

  @Test("a vertical rule has its label above, on the side that has more room")
  func rules() {
    let plot = Plot(
      "t", summary: "s", x: Axis("x"), y: Axis("y"),
      [
        .line(Series("a", [0, 1])), .verticalRule(at: 0.1, label: "left"),
        .verticalRule(at: 0.9, label: "right"), .horizontalRule(at: 0.5, label: "middle"),
      ])
    let markup = plot.drawn().svg.markup
    #expect(markup.contains("text-anchor=\"start\" fill=\"var(--alarm, #b00020)\">left</text>"))
    #expect(markup.contains("text-anchor=\"end\" fill=\"var(--alarm, #b00020)\">right</text>"))
    #expect(markup.contains(">middle</text>"))
  }

  static let hostile: [[Double]] = [
    [], [1], [0, 0, 0], [.nan], [.nan, .infinity, -.infinity], [1e300, -1e300], [1e308, -1e308, 1],
    [.leastNormalMagnitude / 4, 0, .leastNonzeroMagnitude], [3, 3.0000000001], [-5, 5e299],
    Array(repeating: 0.1, count: 10_000),
    (0..<10_000).map { Double($0 % 7) },
  ]

  @Test("no values make a picture that is not well formed", arguments: hostile)
  func hostileValues(values: [Double]) {
    for kind in [Axis.Kind.linear, .log10] {
      let series = Series("<a&\"'\u{0}\u{1b}]]>", values)
      let band = Band("b", x: values, low: values, high: values.reversed())
      for marks: [Mark] in [
        [.line(series)], [.points(series)], [.bars(series)], [.band(band)], [],
        values.prefix(5).flatMap {
          [.horizontalRule(at: $0, label: "<"), .verticalRule(at: $0, label: "&")]
        },
      ] {
        _ = PictureReader(
          Plot("<t>", summary: "&", x: Axis("x", kind), y: Axis("y", kind), marks))
      }
    }
  }

  @Test("of many points the extremes remain")
  func thinned() {
    var values = Array(repeating: 0.0, count: 10_000)
    values[7777] = 1
    let drawing = Plot("t", summary: "s", x: Axis("x"), y: Axis("y"), [.line(Series("a", values))])
      .drawn()
    #expect(drawing.notes.count == 1)
    #expect(drawing.svg.markup.utf8.count < 30_000)
    // The upper edge of the area.
    #expect(drawing.svg.markup.contains(" 50L"))
  }
}
