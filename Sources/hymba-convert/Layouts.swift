import ArgumentParser
import HymbaConversion
import HymbaTerminal

struct Layouts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the layouts that are known, or print one.")

  @Argument(help: "A layout to print, as the JSON document that defines it.")
  var name: String?

  @Flag(help: "Print JSON for programs.")
  var json = false

  func run() throws {
    try ToolRun.perform {
      if let name {
        return Terminal.show(String(decoding: try LayoutCatalog.layout(name).json, as: UTF8.self))
      }
      let layouts = try LayoutCatalog.builtIn()
      if json {
        return try Terminal.show(
          json: ["layouts": layouts.map { ["name": $0.name, "title": $0.title] }])
      }
      let width = (layouts.map(\.name.count) + ["verbatim".count]).max().map { $0 + 2 } ?? 0
      for layout in layouts {
        Terminal.show(
          lines: layout.title.wrapped(label: layout.name.padded(width), width: Terminal.width))
      }
      Terminal.show(
        "\("verbatim".padded(width))Any checkpoint under its own names, without an architecture")
    }
  }
}
