import HymbaReport
import Testing

struct PageTests {
  @Test func textsAreEscapedAndInvisibleCharactersAreShown() throws {
    let html = try Page(
      title: "<b>", verdict: Verdict("a & b", .good),
      [Section("“x”\u{202E}", [.paragraph("<script>"), .facts([Fact("\"", "'")])])], maker: "test"
    ).html()
    #expect(html.contains("<title>&lt;b&gt;</title>"))
    #expect(html.contains("<p class=\"verdict good\">a &amp; b</p>"))
    #expect(html.contains("<h2 id=\"section-1\">“x”\\u{202e}</h2>"))
    #expect(html.contains("<p>&lt;script&gt;</p>"))
    #expect(html.contains("<dt>&quot;</dt><dd>&#39;</dd>"))
  }

  /// To Swift, a sign and a combining mark behind it are one character.
  @Test func aSignBelowACombiningMarkIsEscaped() throws {
    let html = try Page(title: "<\u{301}b", [], maker: "test").html()
    #expect(html.unicodeScalars.starts(with: "<!DOCTYPE html>".unicodeScalars))
    #expect(html.contains("<title>&lt;\u{301}b</title>"))
  }
}
