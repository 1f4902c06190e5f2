import HymbaPlot
import Testing

struct SVGElementTests {
  @Test func textsAndValuesAreEscaped() {
    let element = SVGElement(
      "text", [("x", "1"), ("class", "a\"b")], [.text("<script>&'\u{1}")])
    #expect(element.markup == "<text x=\"1\" class=\"a&quot;b\">&lt;script&gt;&amp;&#39;\u{FFFD}</text>")
  }

  @Test func anElementWithoutContentIsClosedAtOnce() {
    #expect(SVGElement("g", [], [.element(SVGElement("path"))]).markup == "<g><path/></g>")
  }
}
