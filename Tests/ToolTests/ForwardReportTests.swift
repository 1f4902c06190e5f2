import Foundation
import TestSupport
import Testing

@Suite("What --report writes")
struct ForwardReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ name: String) throws -> String {
    String(decoding: try folder.read(name), as: UTF8.self)
  }

  @Test("a page and Markdown beside what is printed, in one run")
  func written() throws {
    let (page, markdown) = (folder.file("r.HTML"), folder.file("r.md"))
    let options = ["--expect", ForwardRun.recorded, "--quick", "--quiet", "--attention", "1,0"]
    let plain = try ToolProcess("hymba-verify", arguments: ["forward", ForwardRun.model] + options)
    let run = try ToolProcess(
      "hymba-verify",
      arguments: ["forward", ForwardRun.model] + options + ["--report", page, "--report", markdown])
    #expect(run.status == 0 && run.errors == "" && run.output == plain.output)
    let html = try text("r.HTML")
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    for heading in ["Checks", "Fusion of attention and Mamba", "Residual stream", "Attention"] {
      #expect(html.contains(">\(heading)</h2>"))
    }
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("<script"))
    #expect(try text("r.md").hasPrefix("## Verification of `"))
    #expect(try folder.entries == ["r.HTML", "r.md"])
  }

  @Test("what exists is replaced with --force only, and a wrong name is said before the pass")
  func names() throws {
    let page = try folder.write("mine", to: "r.html")
    let refused = try ForwardRun.verify("--report", page)
    #expect(refused.status == 73 && refused.output == "")
    #expect(refused.errors == "error: \(page): exists already; pass --force to replace it\n")
    #expect(try text("r.html") == "mine")
    #expect(try ForwardRun.verify("--quick", "--report", page, "--force").status == 0)
    #expect(try text("r.html").contains("</html>"))
    let wrong = try ForwardRun.verify("--report", "r.pdf")
    #expect(wrong.status == 64 && wrong.output == "")
    #expect(
      wrong.errors
        == "error: “r.pdf” is no name of a report; a name after --report ends in .html or .md\n")
    let nowhere = try ForwardRun.verify("--report", folder.file("none/r.md"))
    #expect(nowhere.status == 74 && nowhere.output == "")
  }

  @Test("a report may not take the place of what is read")
  func read() throws {
    let names = try folder.write("{}", to: "names.json")
    try folder.link("r.md", to: names)
    let run = try ForwardRun.verify(
      "--expect", ForwardRun.recorded, "--names", names, "--report", folder.file("r.md"), "--force")
    #expect(run.status == 64)
    #expect(
      run.errors.contains("this file is read, and --report would replace it; name another file"))
    #expect(try text("names.json") == "{}")
  }

  @Test("a failure is reported too: a check, a model that does not fit, a file that cannot be read")
  func failures() throws {
    let failed = try ForwardRun.verify(
      "--quick", "--expect", ForwardRun.recorded, "--tolerance", "0", "--report",
      folder.file("a.md"))
    #expect(failed.status == 1)
    #expect(try text("a.md").contains("**Failed: reference."))
    let broken = try folder.write("no checkpoint", to: "x.safetensors")
    let unreadable = try ToolProcess(
      "hymba-verify", "forward", broken, "--report", folder.file("b.html"))
    #expect(unreadable.status != 0 && unreadable.errors.hasPrefix("error: "))
    #expect(try text("b.html").contains("Failed: opening."))
  }
}
