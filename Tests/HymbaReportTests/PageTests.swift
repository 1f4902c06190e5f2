import HymbaReport
import Testing

struct PageTests {
  @Test func theTitleIsEscaped() throws {
    let html = try Page(title: "<b>", body: "<p>x</p>").html()
    #expect(html.contains("<title>&lt;b&gt;</title>"))
    #expect(html.contains("<p>x</p>"))
  }
}
