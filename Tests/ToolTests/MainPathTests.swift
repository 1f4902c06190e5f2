import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("The three tools on the sample")
struct MainPathTests {
  private let folder: TemporaryFolder
  private var container: String { folder.file("gesture.hymba") }

  init() throws {
    folder = try TemporaryFolder()
    let run = try ToolProcess(
      "hymba-convert", "checkpoints", Fixture.sample("model.nx"), "-o",
      folder.file("gesture.hymba"))
    #expect(run.status == 0 && run.errors == "")
    #expect(run.output.contains("tensors      100 in, 94 out"))
  }

  @Test("inspect lists 94 parameters with the keys that programs rely on")
  func parameters() throws {
    let run = try ToolProcess("hymba-inspect", "parameters", container, "--json")
    let json = try run.json
    #expect(run.status == 0)
    #expect(json["totalParameters"] as? Int == 67388 && json["totalBytes"] as? Int == 269552)
    #expect((json["fingerprint"] as? String)?.count == 64)
    let parameters = try #require(json["parameters"] as? [[String: Any]])
    #expect(parameters.count == 94)
    let conv = try #require(
      parameters.first { $0["name"] as? String == "layers.1.mamba.conv1d.weight" })
    #expect(conv["dtype"] as? String == "F32" && conv["shape"] as? [Int] == [64, 4])
    #expect(conv["bytes"] as? Int == 1024 && conv["storedBytes"] is Int)
  }

  @Test("the fingerprint of a source that is no container is null unless asked for")
  func fingerprint() throws {
    let container = try ToolProcess("hymba-inspect", "parameters", container, "--json").json
    let plain = try ToolProcess("hymba-inspect", Fixture.sample("model.nx"), "--json").json
    let asked = try ToolProcess(
      "hymba-inspect", Fixture.sample("model.safetensors"), "--json", "--fingerprint"
    ).json
    #expect(plain["fingerprint"] is NSNull)
    #expect(asked["fingerprint"] as? String == container["fingerprint"] as? String)
  }

  @Test("verify passes on the recorded outputs, with the keys that programs rely on")
  func verify() throws {
    let run = try ToolProcess(
      "hymba-verify", "forward", container, "--expect", Fixture.sample("eval.safetensors"),
      "--json")
    let json = try run.json
    #expect(run.status == 0 && json["passed"] as? Bool == true)
    #expect(json["firstDivergence"] is NSNull)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.map { $0["index"] as? Int } == [0, 1, 2])
    #expect(layers[0]["outputShape"] as? [Int] == [64, 24, 32])
    let gate = try #require(layers[0]["gate"] as? [String: Any])
    let (numbers, lists) = (["mean", "std", "min", "max", "below005", "above095"], ["quantiles", "positions"])
    #expect(Set(gate.keys) == Set(numbers + lists))
    #expect(numbers.allSatisfy { gate[$0] is Double })
    #expect(lists.map { (gate[$0] as? [Double])?.count } == [5, 24])
    let comparison = try #require(json["comparison"] as? [[String: Any]])
    #expect(
      comparison.map { $0["capture"] as? String } == [
        "layers.0.gate", "layers.1.gate", "layers.2.gate", "output",
      ])
    #expect(comparison.allSatisfy { $0["nmse"] is Double && $0["maxAbsError"] is Double })
    let checks = try #require(json["checks"] as? [[String: Any]])
    #expect(
      checks.allSatisfy { $0["name"] is String && $0["passed"] is Bool && $0["detail"] is String })
    #expect((json["classification"] as? [String: Any])?["accuracy"] as? Double == 1)
  }

  @Test("several sources of one name are refused before any is written, also by a dry run")
  func sameName() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try folder.makeFolder(name)
      try folder.link(name + "/m.nx", to: Fixture.sample("model.nx"))
    }
    let sources = [folder.file("a/m.nx"), folder.file("b/m.nx")]
    let output = ["-o", folder.file("out")]
    let run = try ToolProcess("hymba-convert", arguments: sources + output + ["--force"])
    #expect(run.status == 64)
    #expect(
      run.errors
        == "error: several sources would be written to “m.hymba”; convert them one at a time, each with its own -o\n"
    )
    #expect(
      try ToolProcess("hymba-convert", arguments: sources + output + ["--dry-run"]).status == 64)
    #expect(try folder.entries == ["a", "b"])
  }

  @Test("text output keeps to 80 columns where it is not a table of long names")
  func columns() throws {
    for run in [
      try ToolProcess("hymba-verify", container, "--expect", Fixture.sample("eval.safetensors")),
      try ToolProcess("hymba-inspect", container),
      try ToolProcess("hymba-inspect", "config", container),
      try ToolProcess("hymba-inspect", "container", container),
      try ToolProcess("hymba-convert", "--help"), try ToolProcess("hymba-verify", "--help"),
      try ToolProcess("hymba-inspect", "--help"),
    ] {
      #expect(run.status == 0)
      let lines = run.output.split(separator: "\n").filter { !$0.hasPrefix(container) }
      for line in lines { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test("saved outputs verify against themselves and hold the input")
  func saveOutputs() throws {
    let saved = folder.file("out.safetensors")
    #expect(
      try ToolProcess("hymba-verify", container, "--save-outputs", saved).status == 0)
    let run = try ToolProcess("hymba-verify", container, "--expect", saved, "--json")
    #expect(run.status == 0)
    // Three layers with three captures each, four hidden states, the last one normed, and the output.
    #expect((try run.json["comparison"] as? [Any])?.count == 3 * 3 + 4 + 2)
    #expect(
      try ToolProcess("hymba-verify", container, "--save-outputs", saved).errors
        == "error: \(saved): exists already; pass --force to replace it\n")
  }

  @Test("export gives back what Edifice saved, bit for bit")
  func export() throws {
    let back = folder.file("back.safetensors")
    #expect(
      try ToolProcess("hymba-convert", "export", container, "--layout", "edifice", "-o", back)
        .status == 0)
    let original = try SafetensorsSource(Fixture.sample("model.safetensors"))
    let exported = try SafetensorsSource(back)
    #expect(exported.tensors.count == original.tensors.count)
    for tensor in original.tensors {
      #expect(exported.tensors[tensor.name] == tensor)
      #expect(try exported.bytes(of: tensor) == original.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("a dry run prints the mapping and writes nothing")
  func dryRun() throws {
    let before = try folder.entries
    let output = folder.file("dry.hymba")
    let run = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), "--dry-run", "-o", output)
    #expect(run.status == 0)
    #expect(
      run.output.contains(
        "  hymba_block_1_mamba_ssm_dt_rank.kernel [64, 4] + hymba_block_1_mamba_ssm_bc_proj.kernel [64, 16] -> permute [1, 0] -> join along axis 0 with sizes [4, 16] -> layers.0.mamba.x_proj.weight [20, 64]\n"
      ))
    #expect(
      run.output.hasSuffix(
        "would write \(output): 94 tensors, 67,388 parameters, 270 kB before compression\n"))
    #expect(try folder.entries == before)
  }

  @Test("a dry run refuses the output that a conversion would refuse")
  func dryRunOfWhatExists() throws {
    let taken = try folder.write([1], to: "taken.hymba")
    let run = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), "--dry-run", "-o", taken)
    #expect(run.status == 73)
    let named = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), "--dry-run", "-o", folder.file("x.safetensors"))
    #expect(named.status == 64)
    let forced = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), "--dry-run", "-o", taken, "--force")
    #expect(forced.status == 0)
    #expect(try folder.entries.contains("taken.hymba"))
  }

  @Test("a checkpoint made by init runs, prepended meta tokens too")
  func initialise() throws {
    for placement in ["per-layer", "prepended"] {
      let path = folder.file(placement + ".hymba")
      #expect(
        try ToolProcess(
          "hymba-convert", "init", "--embed-dim", "9", "--hidden-size", "8", "--num-layers", "2",
          "--num-heads", "2", "--num-meta-tokens", "3", "--meta-tokens", placement, "--seed", "7",
          "-o", path
        ).status == 0)
      let run = try ToolProcess("hymba-verify", path, "--json")
      #expect(run.status == 0)
      let layers = try #require(try run.json["layers"] as? [[String: Any]])
      #expect(layers[1]["outputShape"] as? [Int] == [2, placement == "prepended" ? 19 : 16, 8])
      #expect(try run.json["assumptions"] as? [String] == ["the weights are random, of seed 7"])
    }
  }

  @Test("an HDF5 file is listed, converted and verified without being converted first")
  func hdf5() throws {
    let file = Fixture.path("hdf5", "nested.h5")
    let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")
    let listed = try ToolProcess(
      "hymba-inspect", "parameters", file, "--config", options, "--fingerprint", "--json")
    let path = folder.file("h5.hymba")
    #expect(
      try ToolProcess("hymba-convert", "checkpoints", file, "--config", options, "-o", path).status
        == 0)
    let converted = try ToolProcess("hymba-inspect", path, "--json").json["fingerprint"] as? String
    #expect(try listed.json["fingerprint"] as? String == converted && converted != nil)
    let run = try ToolProcess(
      "hymba-verify", "forward", file, "--config", options, "--expect",
      Fixture.path("edifice-hymba-tiny", "expected.safetensors"), "--json")
    #expect(run.status == 0 && run.errors == "")
    #expect((try run.json["comparison"] as? [Any])?.count == 9)
  }

  @Test("several sources go into a folder, each under its own name; shards are one model")
  func several() throws {
    let source = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    let tensors = Array(source.tensors)
    for (number, part) in [tensors[..<20], tensors[20...]].enumerated() {
      let entries = try part.map {
        MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
      }
      try SafetensorsWriter.write(
        MemorySource(entries), to: folder.file("tiny-0000\(number + 1)-of-00002.safetensors"),
        replace: false)
    }
    let run = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), folder.file("tiny-00001-of-00002.safetensors"),
      folder.file("tiny-00002-of-00002.safetensors"), "-o", folder.file("out"), "--config",
      Fixture.path("edifice-hymba-tiny", "build_opts.json"))
    // The configuration is that of the second model: the first contradicts it, so nothing is written.
    #expect(run.status == 1)
    #expect(run.errors.contains("build_opts.json and the tensors disagree"))
    #expect(!FileSystem.exists(folder.file("out")))

    try folder.write(
      InputFile.contents(
        of: Fixture.path("edifice-hymba-tiny", "build_opts.json"), limit: 1 << 20),
      to: "build_opts.json")
    let whole = try ToolProcess(
      "hymba-convert", Fixture.sample("model.nx"), folder.file("tiny-00001-of-00002.safetensors"),
      folder.file("tiny-00002-of-00002.safetensors"), "-o", folder.file("out"))
    #expect(whole.status == 0)
    #expect(try FileSystem.entries(of: folder.file("out")).sorted() == ["model.hymba", "tiny.hymba"])
  }
}
