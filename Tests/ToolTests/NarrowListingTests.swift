import TestSupport
import Testing

@Suite("Listings of hymba-inspect in few columns")
struct NarrowListingTests {
  /// Runs hymba-inspect through a pipe with COLUMNS.
  private func inspect(_ columns: Int?, _ arguments: String...) throws -> [String] {
    let run = try ToolProcess(
      under: columns.map { "COLUMNS=\($0); export COLUMNS" } ?? "unset COLUMNS", "hymba-inspect",
      arguments: arguments + ["--quiet"])
    #expect(run.status == 0, "\(run.errors)")
    return run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static let released = ["hymba-1.5b", "jamba-v0.1", "zamba-7b-v1"].map {
    Fixture.path($0, "config.json")
  }

  @Test(
    "no line is wider than COLUMNS, through a pipe too, but for a name that is",
    arguments: [40, 60, 80],
    [
      ["compare"] + released, ["config", Fixture.folder("jamba-tiny")],
      ["config", released[0]], ["parameters", Fixture.folder("hymba-nvidia-tiny")],
    ])
  func widths(_ columns: Int, _ command: [String]) throws {
    let run = try ToolProcess(
      under: "COLUMNS=\(columns); export COLUMNS", "hymba-inspect", arguments: command)
    #expect(run.status == 0)
    for line in run.output.split(separator: "\n") {
      let longest = line.split(separator: " ").map(\.count).max() ?? 0
      #expect(line.count <= columns || longest + 6 > columns, "\(line)")
    }
  }

  @Test("without COLUMNS a list in a file is as wide as its names")
  func file() throws {
    let wide = try inspect(nil, "parameters", Fixture.folder("hymba-nvidia-tiny"))
    let narrow = try inspect(40, "parameters", Fixture.folder("hymba-nvidia-tiny"))
    #expect((wide.map(\.count).max() ?? 0) > 60 && !wide.contains { $0.contains("…") })
    #expect(narrow.count > wide.count)
  }

  @Test(
    "a comparison shortens no label or number, and of a name what its columns do not hold",
    arguments: [40, 41, 45, 60, 80])
  func comparison(_ columns: Int) throws {
    let run = try ToolProcess(
      under: "COLUMNS=\(columns); export COLUMNS", "hymba-inspect",
      arguments: ["compare"] + Self.released
        + [Fixture.path("hymba-nvidia-small-sharded", "config.json")])
    let lines = run.output.split(separator: "\n")
    #expect(lines.filter { $0.contains("…") }.allSatisfy { $0.contains(" hymba-") })
    for label in ["multiply-adds a token  ", "  and attention at 8,192  ", "cache, a further token  "] {
      #expect(lines.contains { $0.hasPrefix(label) }, "\(label)")
    }
    #expect(run.output.contains("51,570,323,328"))
  }

  @Test("a configuration has all texts beside their labels, or all below them")
  func configuration() throws {
    let narrow = try inspect(40, "config", Self.released[1])
    #expect(
      narrow[1...14].elementsEqual([
        "  configuration", "      config.json", "  input", "      tokens of a vocabulary of 65536",
        "  hidden size", "      4096", "  norm", "      RMS norm, epsilon 1e-06", "  meta tokens",
        "      none", "  layers", "      0, 2, 6, 8, 10, 14, 16, 18, 22,", "      24, 26, 30",
        "    mixer",
      ]), "\(narrow)")
    let wide = try inspect(60, "config", Self.released[1])
    #expect(
      wide[1...9].elementsEqual([
        "  configuration    config.json", "  input            tokens of a vocabulary of 65536",
        "  hidden size      4096", "  norm             RMS norm, epsilon 1e-06",
        "  meta tokens      none",
        "  layers           0, 2, 6, 8, 10, 14, 16, 18, 22, 24, 26,", "                   30",
        "    mixer          Mamba",
        "    mamba          inner 8192, state 16, rank 256, conv 4",
      ]), "\(wide)")
  }
}
