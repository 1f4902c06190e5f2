import Foundation
import TestSupport
import Testing

@Suite("Reports of hymba-inspect")
struct InspectReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The page and the Markdown that a command writes.
  private func reports(
    status: Int32 = 0, _ arguments: String...
  ) throws -> (html: String, markdown: String, run: ToolProcess) {
    let (html, markdown) = (folder.file("report.html"), folder.file("report.md"))
    let run = try ToolProcess(
      "hymba-inspect", arguments: arguments + ["--report", html, "--report", markdown])
    #expect(run.status == status, "\(run.errors)")
    let texts = try ["report.html", "report.md"].map { String(decoding: try folder.read($0), as: UTF8.self) }
    // Whatever a page shows, it needs neither a script nor the network.
    #expect(!texts[0].contains("<script") && !texts[0].contains("src=") && !texts[0].contains("url("))
    return (texts[0], texts[1], run)
  }

  private func pictures(_ html: String) -> [String] {
    html.split(separator: "<h3>").dropFirst().map { String($0.prefix { $0 != "<" }) }
  }

  @Test("compared models: layers, parameters, caches and work, with the numbers of the text")
  func compare() throws {
    let (html, markdown, run) = try reports(
      "compare", Fixture.path("hymba-1.5b", "config.json"), Fixture.path("jamba-v0.1", "config.json"))
    #expect(
      pictures(html) == [
        "The layers of each model", "Parameters by part", "Shares of the parts", "Cache over context", "Work of one token",
      ])
    #expect(html.contains("<title>layer 0: attention and Mamba in parallel</title>"))
    #expect(html.contains("<title>layer 1: Mamba, with experts</title>"))
    for number in ["1,522,797,824", "51,570,323,328", "45,098,205,184"] {
      #expect(html.contains(number) && markdown.contains(number) && run.output.contains(number))
    }
  }

  @Test("many models have lines in several plots")
  func manyModels() throws {
    let set = Fixture.folder("released-configurations")
    let files = try FileManager.default.contentsOfDirectory(atPath: set).filter { $0.hasSuffix(".json") && $0 != "totals.json" }
    let paths = files.sorted().prefix(8).map { set + "/" + $0 }
    let html = folder.file("many.html")
    let run = try ToolProcess("hymba-inspect", arguments: ["compare"] + paths + ["--report", html, "--quiet"])
    #expect(run.status == 0, "\(run.errors)")
    let titles = pictures(String(decoding: try folder.read("many.html"), as: UTF8.self))
    #expect(titles.contains("Cache over context, models 1 to 6"))
    #expect(titles.contains("Cache over context, models 7 to 8"))
  }

  @Test("two checkpoints that differ: the verdict, each change and where it is")
  func diff() throws {
    let base = Fixture.folder("bamba-tiny")
    let changed = try ChangedCheckpoint("bamba-tiny") { entries in
      entries = entries.map { entry in
        guard entry.name == "model.layers.3.mamba.in_proj.weight" else { return entry }
        let part = 64 * 32 * 4
        let bytes = entry.bytes
        return .init(
          entry.name, entry.type, entry.dimensions,
          Array(bytes[part..<2 * part] + bytes[..<part] + bytes[(2 * part)...]))
      }
    }
    let (html, markdown, run) = try reports(status: 1, "diff", base, changed.path)
    #expect(html.contains("<p class=\"verdict warning\">They differ; tensors: 72 same, 1 changed.</p>"))
    #expect(pictures(html) == ["Layers that changed", "Relative change by layer"])
    #expect(html.contains("<title>layer 3, Mamba-2: changed</title>"))
    #expect(html.contains("<title>layer 2, Mamba-2: the same</title>"))
    // The explanation has the words of the text.
    let line = try #require(run.output.split(separator: "\n").first { $0.contains("swapped") })
    let words = line.trimmingCharacters(in: .whitespaces)
    #expect(html.contains(words) && markdown.contains(words), "\(words)")
  }

  @Test("checkpoints that are the same have a verdict and no pictures")
  func same() throws {
    let base = Fixture.folder("bamba-tiny")
    let (html, markdown, _) = try reports("diff", base, base)
    #expect(html.contains("<p class=\"verdict good\">The same: "))
    #expect(pictures(html) == [] && markdown.contains("**The same: "))
  }

  @Test("parameters without statistics show the sizes alone")
  func sizes() throws {
    let (html, markdown, run) = try reports("parameters", Fixture.folder("jamba-tiny"))
    #expect(pictures(html) == ["Bytes by part", "Bytes by layer"])
    #expect(!html.contains("What the values say") && !html.contains("class=\"verdict"))
    let total = try #require(run.output.split(separator: "\n").last { $0.hasPrefix("total") })
    for word in total.split(separator: " ") { #expect(markdown.contains(word)) }
  }

  @Test("statistics add each kind of parameter over the layers, and what the flags say first")
  func statistics() throws {
    let (html, markdown, _) = try reports("parameters", Fixture.folder("jamba-tiny"), "--stats")
    let titles = pictures(html)
    #expect(titles.contains("mamba.in_proj.weight") && titles.contains("mamba.in_proj.weight, single layers"))
    #expect(titles.last == "Distributions")
    let first = try #require(html.firstRange(of: "What the values say"))
    let second = try #require(html.firstRange(of: "Values over the layers"))
    #expect(first.lowerBound < second.lowerBound)
    #expect(markdown.contains("### What the values say"))
  }

  @Test("a file that is there stays, unless --force is given; other endings are wrong usage")
  func files() throws {
    let path = try folder.write("mine", to: "mine.html")
    let model = Fixture.path("hymba-1.5b", "config.json")
    let refused = try ToolProcess("hymba-inspect", "compare", model, "--report", path)
    #expect(refused.status != 0 && refused.output == "")
    #expect(try folder.read("mine.html").elementsEqual("mine".utf8))
    let forced = try ToolProcess("hymba-inspect", "compare", model, "--report", path, "--force")
    #expect(forced.status == 0)
    #expect(try !folder.read("mine.html").elementsEqual("mine".utf8))
    let ending = try ToolProcess("hymba-inspect", "compare", model, "--report", folder.file("a.pdf"))
    #expect(ending.status == 64 && ending.errors.contains("ends in .html or .md"), "\(ending.errors)")
    let twice = try ToolProcess("hymba-inspect", "compare", model, "--report", "a.md", "--report", "a.md")
    #expect(twice.status == 64 && twice.errors.contains("--report names the same file twice"))
  }
}
