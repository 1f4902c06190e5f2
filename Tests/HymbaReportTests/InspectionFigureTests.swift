import Testing

@testable import HymbaReport

@Suite("Figures about checkpoints")
struct InspectionFigureTests {
  @Test("a size has the largest unit in which it is 1 or more", arguments: [
    (0, "B"), (999, "B"), (1000, "kB"), (2_500_000, "MB"), (3_000_000_000, "GB"),
  ])
  func unit(_ bytes: Int, _ unit: String) { #expect(ByteScale(bytes).unit == unit) }

  @Test("sizes are told in the unit")
  func scale() { #expect(ByteScale(2_500_000)(1_250_000) == 1.25) }

  @Test("up to six segments are as they are")
  func few() {
    let segments = Segments((1...6).map { ("\($0)", $0) })
    #expect(segments.names == ["1", "2", "3", "4", "5", "6"] && segments.note == nil)
    #expect(segments.values(["2": 5, "6": 1]) == [0, 5, 0, 0, 0, 1])
  }

  @Test("of more, the smallest are one, in the order of the others")
  func many() {
    let segments = Segments([("a", 1), ("b", 9), ("c", 8), ("d", 2), ("e", 7), ("f", 6), ("g", 5)])
    #expect(segments.names == ["b", "c", "e", "f", "g", "others"])
    #expect(segments.note == "Others: a, d.")
    #expect(segments.values(["a": 1, "d": 2, "g": 4]) == [0, 0, 0, 0, 4, 3])
  }

  @Test("a preferred segment stays, however small it is")
  func preferred() {
    let sizes = [("a", 1), ("b", 9), ("c", 8), ("d", 2), ("e", 7), ("f", 6), ("g", 5)]
    let segments = Segments(sizes, preferred: ["a"])
    #expect(segments.names == ["a", "b", "c", "e", "f", "others"] && segments.note == "Others: d, g.")
  }

  @Test("a page in Markdown has its texts and tables, and no pictures")
  func markdown() {
    let table = ReportTable("t", [.text("a"), .number("b")], [["x|y", "1"]])
    let page = Page(
      title: "T", verdict: Verdict("v", .good),
      [
        Section("One", [.facts([Fact("n", "a"), Fact("m", "b", "c")]), .table(table)]),
        Section("Pictures", [.pictures([])]), Section("Two", [.foldedTable(table)]),
      ], maker: "test")
    let rows = "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"
    #expect(
      page.markdown
        == "## T\n\n**v**\n\n### One\n\n- n: a\n- m:\n  - b\n  - c\n\n\(rows)\n\n### Two\n\n<details>\n<summary>t</summary>\n\n\(rows)\n\n</details>\n\nMade by test.\n"
    )
  }
}
