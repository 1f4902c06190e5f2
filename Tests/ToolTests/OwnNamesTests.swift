import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Checkpoints that hymba-inspect parameters lists under their own names")
struct OwnNamesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inspect(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess("hymba-inspect", arguments: ["parameters"] + arguments)
  }

  private func names(_ run: ToolProcess) throws -> [String] {
    try #require(try run.json["parameters"] as? [[String: Any]]).map { $0["name"] as? String ?? "" }
  }

  @discardableResult
  private func write(_ tensors: [(String, ElementType)], to name: String) throws -> String {
    let entries = tensors.map { name, type in
      MemorySource.Entry(name, type, [2], [UInt8](repeating: 0, count: 2 * type.byteSize))
    }
    try SafetensorsWriter.write(MemorySource(entries), to: folder.file(name), replace: true)
    return folder.file(name)
  }

  @Test("a folder without config.json is listed, and told what would make more of it")
  func noConfiguration() throws {
    try folder.link("model.safetensors", to: Fixture.path("jamba-tiny", "model.safetensors"))
    let run = try inspect(folder.path)
    #expect(run.status == 0)
    #expect(
      run.errors == """
        note: \(folder.path): listed under its own names: the names are those of the layout hf-jamba, and its config.json is absent
        note: \(folder.path): put the config.json beside it, or pass it with --config, to list the parameters of the model

        """)
    #expect(run.output.contains("\nmodel.layers.0.mamba.in_proj.weight "))
    let json = try inspect(folder.path, "--json", "--quiet")
    #expect(json.errors == "")
    #expect(try (json.json["notes"] as? [String])?.count == 2)
    #expect(try json.json["layout"] as? String == "verbatim")
    #expect(try names(json).count == 163)
    let configured = try inspect(
      folder.path, "--json", "--config", Fixture.path("jamba-tiny", "config.json"))
    #expect(try configured.json["layout"] as? String == "hf-jamba")
    #expect(try configured.json["notes"] as? [String] == [])
  }

  private static let shard = Fixture.path(
    "hymba-nvidia-small-sharded", "model-00001-of-00004.safetensors")

  @Test("a shard is listed alone, and its fused tensors show the parameters in them")
  func shard() throws {
    let run = try inspect(Self.shard, "--filter", "*.0.mamba.in_proj.weight")
    #expect(run.status == 0)
    #expect(
      run.errors.hasPrefix(
        "note: \(Self.shard): listed under its own names: this is shard 1 of 4 of a model of the layout nvidia-hymba\n"
      ))
    #expect(
      run.output.hasPrefix(
        """
        parameter                               type  shape        bytes   stored
        model.layers.0.mamba.in_proj.weight     BF16  [416, 64]  53.2 kB  53.2 kB
          has layers.0.attention.q_proj.weight        [64, 64]
          has layers.0.attention.k_proj.weight        [32, 64]
          has layers.0.attention.v_proj.weight        [64, 64]
          has layers.0.mamba.in_proj.weight           [256, 64]

        """), "\(run.output)")
    let json = try inspect(Self.shard, "--filter", "*.0.mamba.in_proj.weight", "--json")
    let line = try #require(try (json.json["parameters"] as? [[String: Any]])?.first)
    let parts = line["becomes"] as? [[String: Any]] ?? []
    #expect(parts.map { $0["shape"] as? [Int] } == [[64, 64], [32, 64], [64, 64], [256, 64]])
  }

  /// The numbers were computed in float64 by PyTorch, from rows 0, 64, 96, 160 and 288 on.
  @Test("statistics of a shard are also those of the logical parts of its fused tensors")
  func parts() throws {
    let run = try inspect(Self.shard, "--filter", "*.0.mamba.in_proj.weight", "--json", "--stats")
    let line = try #require(try (run.json["parameters"] as? [[String: Any]])?.first)
    let parts = try #require(line["parts"] as? [[String: Any]])
    let expected = [
      ("attention.q_proj.weight", -0.0024844500876497477, 0.1237777076389397),
      ("attention.k_proj.weight", -0.0002267796080559492, 0.12559143125467892),
      ("attention.v_proj.weight", 0.000310156203340739, 0.12483900277078627),
      ("mamba.in_proj.weight, x", -0.001275979375350289, 0.1247466669160936),
      ("mamba.in_proj.weight, z", 0.0015740891321911477, 0.126331310599395),
    ]
    #expect(parts.map { $0["name"] as? String } == expected.map(\.0))
    for (part, (_, mean, std)) in zip(parts, expected) {
      let statistics = try #require(part["statistics"] as? [String: Any])
      #expect(abs(try #require(statistics["mean"] as? Double) - mean) < 1e-12)
      #expect(abs(try #require(statistics["std"] as? Double) - std) < 1e-12)
    }
  }

  @Test("adapters, optimizer states and quantised weights are listed, and told what they are")
  func kinds() throws {
    let adapter = try write([("b.0.q.lora_A.weight", .float32)], to: "adapter_model.safetensors")
    try folder.write(#"{"peft_type":"LORA"}"#, to: "adapter_config.json")
    let state = try write([("optimizer.state.exp_avg", .float32)], to: "state.safetensors")
    let quantised = try write(
      [("h.0.qweight", .int32), ("wte.weight", .float16)], to: "quantised.safetensors")
    for (source, shown, sentence) in [
      (adapter, adapter, "this is a LoRA adapter, not a model: merge it into its base model first"),
      (folder.path, adapter, "this is a LoRA adapter, not a model: merge it into its base model first"),
      (state, state, "this is an optimizer state, not a model: convert the weights that were saved beside it"),
      (
        quantised, quantised,
        "this is a checkpoint with GPTQ or AWQ quantised weights: convert the original weights instead"
      ),
    ] {
      let run = try inspect(source, "--digests")
      #expect(run.status == 0 && !run.output.isEmpty)
      #expect(run.errors == "note: \(shown): listed under its own names: \(sentence)\n")
    }
  }

  @Test("names of no known layout are listed with the nearest one, and with what config.json says")
  func unknown() throws {
    let path = try write([("wte.weight", .float32), ("ln_f.weight", .float32)], to: "model.safetensors")
    let run = try inspect(path)
    #expect(run.status == 0)
    #expect(
      run.errors.hasPrefix(
        "note: \(path): listed under its own names: none of the names of its 2 tensors is in a known layout\n"))
    try folder.write(#"{"model_type":"gpt2","hidden_size":2}"#, to: "config.json")
    let other = try inspect(folder.path)
    #expect(other.status == 0 && other.errors.contains("; by its config.json this is another model (“gpt2”) than "))
    // Half of a layout's names are near, and config.json is not there.
    let near = try write(
      [("model.embed_tokens.weight", .float32), ("strange", .float32)], to: "near.safetensors")
    try folder.remove("config.json")
    let note = try inspect(near).errors
    #expect(note.contains("1 of its 2 tensors fit the layout "))
    #expect(note.contains("; strange does not fit; config.json is absent\n"))
  }

  @Test("a model with a tensor too few and one too many is listed, and its problems are the note")
  func unbalanced() throws {
    let checkpoint = try ChangedCheckpoint("mamba2-tiny") { entries in
      entries.removeAll { $0.name == "backbone.layers.0.mixer.conv1d.bias" }
      entries.append(.init("extra", .uint8, [1], [0]))
    }
    let run = try inspect(checkpoint.path)
    #expect(run.status == 0)
    #expect(
      run.errors == """
        note: \(checkpoint.path): listed under its own names: the tensors do not fit the model: 1 missing: backbone.layers.0.mixer.conv1d.bias; 1 not part of the model: extra
        note: \(checkpoint.path): hymba-inspect audit tells all that does not fit

        """)
  }

  @Test("what is damaged or is no checkpoint stays an error, and so do options that do not fit")
  func errors() throws {
    let path = try write([("wte.weight", .float32)], to: "m.safetensors")
    let bytes = try folder.read("m.safetensors")
    let cut = try folder.write(Array(bytes.dropLast()), to: "cut.safetensors")
    let gguf = try folder.write(Array("GGUF".utf8) + [3, 0, 0, 0], to: "m.gguf")
    #expect(try inspect(cut).status == 65)
    let foreign = try inspect(gguf)
    #expect(foreign.status == 65 && foreign.output == "")
    #expect(
      foreign.errors
        == "error: \(gguf): the file ends early: within the header, at byte 8; it was cut short, or is damaged: copy or download it again\n"
    )
    #expect(try inspect(path, "--layout", "hf-mamba2").status == 1)
    #expect(
      try inspect(path, "--config", Fixture.path("mamba2-tiny", "config.json")).status == 1)
    #expect(
      try inspect(
        Fixture.folder("jamba-tiny"), "--config", Fixture.path("mamba2-tiny", "config.json")
      ).status == 1)
    #expect(try inspect(Self.shard, "--layout", "nvidia-hymba").status == 1)
    #expect(try inspect(path, "--layout", "verbatim").errors == "")
  }

  @Test("the parameters of a model are listed with the tensors of the file that they come from")
  func sources() throws {
    let run = try inspect(
      Fixture.folder("hymba-nvidia-tiny"), "--json", "--filter", "layers.0.attention.k_proj.weight")
    let line = try #require(try (run.json["parameters"] as? [[String: Any]])?.first)
    #expect(line["sources"] as? [String] == ["model.layers.0.mamba.in_proj.weight"])
    #expect(line["becomes"] == nil)
  }
}
