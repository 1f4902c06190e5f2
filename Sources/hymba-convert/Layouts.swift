import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal

struct Layouts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the layouts that are known, print one, or check one of your own.",
    usage: "hymba-convert layouts [<layout or checkpoint>] [<options>]",
    discussion: """
      Examples:
        hymba-convert layouts
        hymba-convert layouts hf-jamba
        hymba-convert layouts --check my.json checkpoint.safetensors
      """)

  @Argument(
    help: ArgumentHelp(
      "A layout to print, as the JSON document that defines it; with --check, a checkpoint.",
      valueName: "layout or checkpoint"),
    completion: LayoutCompletion.kind)
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Check a layout: the document and, where a checkpoint is named, the account of its tensors and that they come back bit for bit.",
      valueName: "layout"),
    completion: LayoutCompletion.kind)
  var check: String?

  @Option(help: ArgumentHelp("Configuration of the checkpoint.", valueName: "file"))
  var config: String?

  @OptionGroup var work: WorkOptions

  func validate() throws {
    if config != nil && (check == nil || name == nil) {
      throw ValidationError("--config belongs to a checkpoint that is checked with --check.")
    }
  }

  func run() throws {
    try ToolRun.perform {
      if let check { return try self.check(check) }
      if let name, name == LayoutReference.verbatim.name { return try explainVerbatim() }
      if let name {
        return Terminal.show(document: try LayoutCatalog.layout(name).json)
      }
      try list()
    }
  }

  private func list() throws {
    let layouts = try LayoutCatalog.builtIn()
    let known = layouts.map { Known(name: $0.name, title: $0.title) } + [.verbatim]
    if work.json { return try Terminal.show(json: ["layouts": known]) }
    let width = known.map(\.name.count).max().map { $0 + 2 } ?? 0
    for layout in known {
      Terminal.show(
        lines: layout.title.wrapped(label: layout.name.padded(width), width: Terminal.width))
    }
  }

  /// A line of the list.
  private struct Known: Encodable {
    let name: String
    let title: String

    static let verbatim = Known(
      name: LayoutReference.verbatim.name,
      title: "Any checkpoint under its own names, without an architecture")
  }

  private func explainVerbatim() throws {
    if work.json { return try Terminal.show(json: ["layouts": [Known.verbatim]]) }
    Terminal.show(
      lines:
        "verbatim is no document with rules: as --layout verbatim it keeps any checkpoint under its own names, without an architecture, so that it can be stored, listed and compared but not run."
        .wrapped(label: "", width: Terminal.width))
  }

  private func check(_ file: String) throws {
    var report = LayoutCheckReport(file: file, layout: try LayoutCatalog.layout(file))
    if let name {
      let check = try LayoutCheck(file, ModelInput(paths: [name]), configuration: config)
      report.checkpoint = .init(
        source: name, check, check.isBalanced ? try roundTrip(check) : nil)
    }
    if work.json {
      try Terminal.show(json: report)
    } else {
      Terminal.show(lines: report.lines(width: Terminal.width, quiet: work.quiet))
    }
    if !report.passed { throw ExitCode(FailureKind.wrong) }
  }

  private func roundTrip(_ check: LayoutCheck) throws -> LayoutCheck.RoundTrip {
    let bar = ProgressBar("comparing", total: check.totalBytes, quiet: work.quiet)
    defer { bar.finish() }
    return try check.roundTrip { bar.advance(by: $0) }
  }
}
