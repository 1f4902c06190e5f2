import ArgumentParser
import HymbaFormat
import HymbaPlot
import HymbaTerminal

@main
struct BenchmarkPlot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark-plot", abstract: "Draw what a benchmark measured, as SVG on the standard output.")

  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case codec, growth
  }

  @Argument(help: "What was measured: codec or growth.")
  var subject: Subject

  @Argument(help: "The CSV file that the benchmark wrote.")
  var file: String

  /// A benchmark writes some hundred lines.
  private static let mostBytes = 1 << 20

  func run() throws {
    try ToolRun.perform {
      try naming(file) {
        let bytes = try InputFile.contents(of: file, limit: Self.mostBytes)
        let rows = try MeasuredRows(String(decoding: bytes, as: UTF8.self))
        let plots = try subject == .codec ? CodecPlots.plots(rows) : GrowthPlots.plots(rows)
        Terminal.show(Sheet(plots).svg.markup)
      }
    }
  }
}
