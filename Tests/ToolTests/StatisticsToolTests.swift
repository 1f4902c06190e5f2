import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Statistics, histograms and digests in hymba-inspect parameters")
struct StatisticsToolTests {
  private static let values = Fixture.path("statistics", "values.safetensors")
  private static let mamba2 = Fixture.folder("mamba2-tiny")

  private func inspect(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess("hymba-inspect", arguments: ["parameters"] + arguments + ["--quiet"])
  }

  @Test("a table of statistics, with the tensors that have NaN below it")
  func table() throws {
    let run = try inspect(Self.values, "--layout", "verbatim", "--stats", "--filter", "[chw]*")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["parameter", "mean", "std", "min", "max", "zero", "bits"])
    let constant = try #require(lines.first { $0.hasPrefix("constant") })
    #expect(constant.split(separator: " ") == ["constant", "1.5", "0", "1.5", "1.5", "0%", "1"])
    #expect(lines.contains("holes has 2 NaN and 4 infinite values, which the figures leave out"))
  }

  @Test("fused parameters are shown by their parts, and all fits 80 columns")
  func parts() throws {
    let run = try ToolProcess(
      under: "COLUMNS=80; export COLUMNS", "hymba-inspect",
      arguments: ["parameters", Self.mamba2, "--stats", "--filter", "layers.0.*", "--quiet"])
    let lines = run.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let start = try #require(lines.firstIndex { $0.hasPrefix("layers.0.mamba.in_proj.weight") })
    #expect(
      lines[start + 1...start + 5].map { $0.split(separator: " ")[0] } == ["z", "x", "B", "C", "dt"])
  }

  @Test("JSON has statistics and parts where they were asked for, and else neither")
  func json() throws {
    let filter = ["--filter", "layers.0.mamba.in_proj.weight", "--json"]
    let path = Self.mamba2
    func line(_ options: String...) throws -> [String: Any] {
      let run = try ToolProcess("hymba-inspect", arguments: ["parameters", path] + filter + options)
      #expect(run.status == 0)
      return try #require(try (run.json["parameters"] as? [[String: Any]])?.first)
    }
    let plain = try line()
    #expect(plain["statistics"] == nil && plain["flags"] == nil && plain["parts"] == nil && plain["sha256"] == nil)
    let stats = try line("--stats")
    let statistics = try #require(stats["statistics"] as? [String: Any])
    #expect(statistics["quantileError"] as? Double == 0)
    #expect((statistics["quantiles"] as? [[String: Double]])?.count == 7)
    let parts = try #require(stats["parts"] as? [[String: Any]])
    #expect(parts.map { $0["name"] as? String } == ["z", "x", "B", "C", "dt"])
    #expect(stats["sha256"] == nil)
    let digests = try line("--digests")
    #expect((digests["sha256"] as? String)?.count == 64 && digests["statistics"] == nil)
  }

  @Test("flags are below their parameters, and the same sentence is told once")
  func flags() throws {
    let own = try #require(ConventionCase.all.first { $0.name == "decay-negative-bamba" })
    let checkpoint = try own.checkpoint()
    let options = ["parameters", checkpoint.path, "--stats", "--quiet", "--filter", "*.A_log"]
    let text = try ToolProcess(
      under: "COLUMNS=80; export COLUMNS", "hymba-inspect", arguments: options)
    let lines = text.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines[1].hasPrefix("layers.0.mamba.A_log "))
    #expect(lines[2].hasPrefix("    error, decayStored: the values are negative, -5."))
    #expect(lines.count { $0 == "    error, decayStored: as above" } == 3)
    let json = try ToolProcess("hymba-inspect", arguments: options + ["--json"])
    let listed = try #require(try json.json["parameters"] as? [[String: Any]])
    for line in listed {
      let flags = try #require(line["flags"] as? [[String: String]])
      #expect(flags.map { $0["kind"] } == ["decayStored"] && flags[0]["severity"] == "error")
      #expect(flags[0]["message"]?.hasSuffix("and the model computes A = -exp(A_log)") == true)
    }
  }

  @Test("a digest is that of the bytes in the file, as text in the form of sha256sum")
  func digests() throws {
    let source = try SafetensorsSource(Self.values)
    let tensor = try #require(source.tensors["BF16"])
    let digest = try source.digest(of: tensor, jobs: 1)
    let run = try inspect(Self.values, "--layout", "verbatim", "--digests", "--filter", "BF16")
    #expect(run.output == "\(digest)  BF16\n")
  }

  @Test("a histogram of one parameter and of its parts")
  func histogram() throws {
    let run = try inspect(Self.mamba2, "--histogram", "layers.0.mamba.conv1d.weight")
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("layers.0.mamba.conv1d.weight\n  "))
    #expect(run.output.contains("\nlayers.0.mamba.conv1d.weight, B\n"))
    let bars = run.output.split(separator: "\n").filter { $0.contains("#") }
    #expect(bars.count > 20 && bars.allSatisfy { $0.count <= 80 })
    #expect(bars.map { $0.count { $0 == "#" } }.max() ?? 0 > 40)
  }

  @Test("a tensor of the file stands for the parameters that it becomes")
  func original() throws {
    let path = Fixture.folder("hymba-nvidia-tiny")
    let name = "model.layers.0.mamba.in_proj.weight"
    let run = try inspect(path, "--histogram", name)
    #expect(run.status == 0)
    for part in ["attention.q_proj.weight", "attention.k_proj.weight", "attention.v_proj.weight", "mamba.in_proj.weight, x", "mamba.in_proj.weight, z"] {
      #expect(run.output.contains("layers.0.\(part)\n"), "\(part)")
    }
    let json = try inspect(path, "--histogram", name, "--json").json
    #expect((json["parameters"] as? [[String: Any]])?.count == 4)
  }

  @Test("a name that nothing has is exit code 64, and so is a tree with statistics")
  func refusals() throws {
    let run = try inspect(Self.mamba2, "--histogram", "layers.0.mamba.conv1d.wight")
    #expect(run.status == 64 && run.output == "")
    #expect(run.errors.hasSuffix("; did you mean “layers.0.mamba.conv1d.weight”?\n"))
    #expect(try inspect(Self.mamba2, "--tree", "--stats").status == 64)
  }
}
