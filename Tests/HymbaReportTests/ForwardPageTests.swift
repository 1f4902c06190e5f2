import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaReport
import HymbaVerification
import TestSupport
import Testing

@Suite("The page of a verification")
struct ForwardPageTests {
  private func report(_ set: String) throws -> VerificationReport {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path(set, set.hasPrefix("edifice") ? "bare.nx" : "")]),
      OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(Fixture.path(set, "expected.safetensors"))
    verification.checks = CheckGroup.quick
    return try verification.run(model).0
  }

  @Test(
    "a section appears where the model has what it shows, and the page needs nothing else",
    arguments: [
      ("edifice-hymba-tiny", ["Fusion gates"]),
      ("hymba-nvidia-tiny", ["Fusion of attention and Mamba"]),
      ("jamba-tiny", ["What layers add to the stream", "Routers"]),
      ("falcon-h1-tiny", ["Branches beside the stream"]),
      ("zamba2-tiny", ["What layers add to the stream"]),
    ])
  func sections(set: String, expected: [String]) throws {
    let page = ForwardPage(try report(set), maker: "test 1").page
    let all = ["Checks", "What was verified", "Comparison with the reference"]
    let middle = expected.filter { $0 != "Routers" } + ["Residual stream"]
    #expect(page.sections.map(\.heading) == all + middle + expected.filter { $0 == "Routers" })
    let html = try page.html()
    let reader = PageReader(html)
    #expect(reader.counts["svg", default: 0] >= 4 && reader.unexplained == 0)
    #expect(
      reader.counts["script"] == nil && !html.contains("http://") && !html.contains("https://"))
    #expect(reader.links.allSatisfy { link in reader.ids.contains { "#" + $0 == link } })
    #expect(Set(reader.ids).count == reader.ids.count)
    #expect(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
    // Headings go one level deeper at a time.
    #expect(reader.headings.first == "h1" && reader.headings.count { $0 == "h1" } == 1)
    #expect(reader.headings.dropFirst().first == "h2")
  }

  @Test("names from files are escaped, and invisible characters are shown")
  func hostileNames() throws {
    let name = "layers.0.<script>alert(1)</script>\u{202E}\"'&\u{1b}[31m<\u{301}b>"
    var report = VerificationReport(source: name, layout: name, assumptions: [name])
    report.checks = [Check(name, passed: false, name)]
    report.notCompared = [name]
    report.suggestions = [name: name]
    report.comparison = [
      CaptureComparison(
        name, got: Tensor([2], [1, 2]), expected: Tensor([2], [1, 3])),
      CaptureComparison(name, got: Tensor([2], [.nan, 2]), expected: Tensor([2], [1, 3])),
    ]
    let html = try ForwardPage(report, maker: name).page.html()
    let reader = PageReader(html)
    #expect(reader.counts["script"] == nil && reader.counts["b"] == nil)
    #expect(
      html.contains(
        "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}&quot;&#39;&amp;\\u{1b}[31m&lt;\u{301}b&gt;")
    )
    #expect(!html.unicodeScalars.contains("\u{202E}") && !html.unicodeScalars.contains("\u{1b}"))
  }

  @Test("the verdict is told in words")
  func verdicts() {
    func verdict(_ outcomes: Check.Outcome...) -> String? {
      var report = VerificationReport(source: "s", layout: "l", assumptions: [])
      report.checks = outcomes.enumerated().map { Check("c\($0.offset)", $0.element, "d") }
      return ForwardPage(report, maker: "m").page.verdict.map { "\($0.tone.rawValue): \($0.text)" }
    }
    #expect(verdict() == "warning: Nothing was checked.")
    #expect(verdict(.passed, .passed) == "good: Passed: all 2 checks.")
    #expect(verdict(.passed, .warned) == "warning: Passed, with a warning: c1.")
    #expect(verdict(.passed, .notRun) == "good: What was run passed. Not run: c1.")
    #expect(verdict(.failed, .passed, .failed, .notRun) == "bad: Failed: c0, c2. Not run: c3.")
    #expect(verdict(.notJudged) == "warning: Not judged: c0.")
  }
}
