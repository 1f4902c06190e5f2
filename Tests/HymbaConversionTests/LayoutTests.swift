import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Layout documents")
struct LayoutTests {
  private func document(_ rules: String) -> [UInt8] {
    Array(
      #"{"name":"x","title":"t","configuration":"edifice","signature":["a"],"rules":[\#(rules)]}"#
        .utf8)
  }

  @Test(
    "a document that cannot be reversed or read is refused with the reason",
    arguments: [
      (
        #"{"from":["a","b"],"to":["c","d"]}"#,
        "rule 0 (“a”): it maps several tensors to several; split it into rules with one on a side"
      ),
      (
        #"{"from":["a"],"to":["c.{layer}"]}"#,
        "rule 0 (“a”): it has {layer} on its targets, which no source gives"
      ),
      (
        #"{"from":["a.{layer}","b"],"to":["c"]}"#,
        "rule 0 (“a.{layer}”): it has {layer} on some names only"
      ),
      (
        #"{"from":["a.{layer}"],"to":["c.{expert}","d"]}"#,
        "rule 0 (“a.{layer}”): it has {expert} on some names only"
      ),
      (
        #"{"from":["a.{layer}"],"to":["c"]}"#,
        "rule 0 (“a.{layer}”): it has {layer} on its sources only, which is for copies: one name, and first the step same"
      ),
      (
        #"{"from":["a.{layer}","b.{layer}"],"to":["c"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{layer}”): it has {layer} on its sources only, which is for copies: one name, and first the step same"
      ),
      (#"{"from":["a"]}"#, "rule 0 (“a”): it has no target"),
      (#"{"from":[],"to":["c"]}"#, "rule 0: it has no source"),
      (#"{"from":["a"],"to":["c"],"carry":true}"#, "rule 0 (“a”): it carries and maps at once"),
      (
        #"{"from":["a"],"to":["c"],"steps":[{"permute":[0],"join":{}}]}"#,
        "a step is an object with one of the keys permute, reshape, join, split, unstack, same, scale, negate-exp, scale-rows at rules.0.steps.0"
      ),
      (
        #"{"from":["a"],"from":["b"],"to":["c"]}"#,
        "not valid JSON: the key “from” is given twice at byte 91"
      ),
      (
        #"{"from":["a"],"to":["c"],"optional":["b"]}"#,
        "rule 0 (“a”): it has optional names that are not further sources of it"
      ),
      (#"{"from":["a"],"to":["c"],"whn":{}}"#, "a layout has no “rules.0.whn”"),
      (
        #"{"from":["a"],"to":["c"],"steps":[{"permute":[0],"jion":1}]}"#,
        "a layout has no “rules.0.steps.0.jion”"
      ),
      (#"{"from":"a","to":["c"]}"#, "a value of another type is expected at rules.0.from"),
    ])
  func refused(_ rules: String, _ message: String) {
    #expect { try Layout(json: document(rules)) } throws: {
      "\($0)" == "not a valid layout: " + message
    }
  }

  @Test(
    "a signature begins with a plain name and has no other placeholder than {layer}",
    arguments: [
      (#"["a.{layer}","b"]"#, "its signature begins with a name that has a placeholder"),
      (#"["a","b.{expert}"]"#, "its signature has a placeholder that is not {layer}"),
      (#"[]"#, "its signature is empty"),
    ])
  func signature(_ names: String, _ message: String) {
    let text =
      #"{"name":"x","title":"t","configuration":"edifice","signature":\#(names),"rules":[]}"#
    #expect { try Layout(json: Array(text.utf8)) } throws: {
      "\($0)" == "not a valid layout: " + message
    }
  }

  @Test("every built-in layout is the same after being printed and read again")
  func printed() throws {
    for layout in try LayoutCatalog.builtIn() { #expect(try Layout(json: layout.json) == layout) }
  }

  @Test("an unknown layout is refused with those that are known")
  func unknown() {
    #expect { try LayoutCatalog.layout("edifise") } throws: {
      "\($0)"
        == "there is no layout “edifise” (did you mean edifice?); known are edifice, nvidia-hymba, hf-jamba-stacked, hf-jamba, gguf-jamba, hf-zamba, hf-zamba2, hf-falcon-h1, gguf-falcon-h1, hf-bamba, gguf-bamba, hf-granite-hybrid, hf-granite-hybrid-memory, gguf-granite-hybrid, hf-mamba, gguf-mamba, hf-falcon-mamba, gguf-falcon-mamba, hf-mamba2, gguf-mamba2, hf-nemotron-h-model-stacked, hf-nemotron-h-model, hf-nemotron-h-stacked, hf-nemotron-h, gguf-nemotron-h, hymba and verbatim, or pass a file"
    }
  }

  /// A model small enough to be written down: every kind of step in one invented layout.
  @Test("a layout of the user's own maps by every kind of step, and back, bit for bit")
  func userLayout() throws {
    let folder = try TemporaryFolder()
    var options = HymbaBuildOptions(
      embedDim: 4, hiddenSize: 4, stateSize: 2, numLayers: 2, numHeads: 2, numMetaTokens: 2)
    options.metaTokensArePrepended = true
    let architecture = try Architecture.hymba(options)
    let weights = try RandomCheckpoint(architecture, seed: 5)
    let native = folder.file("native.safetensors")
    try SafetensorsWriter.write(
      weights, to: native, replace: false,
      metadata: [
        SafetensorsSource.architectureKey: String(decoding: architecture.json, as: UTF8.self)
      ])
    let rules =
      try ParameterInventory(architecture).map(\.name).filter { name in
        ![
          "q_proj.weight", "k_proj.weight", "v_proj.weight", "mamba.in_proj.weight", "meta_tokens",
          "final_norm",
        ]
        .contains { name.contains($0) }
      }.map { #"{"from":["w.\#($0)"],"to":["\#($0)"]}"# } + [
        #"{"from":["w.{layer}.qkv"],"to":["layers.{layer}.attention.q_proj.weight","layers.{layer}.attention.k_proj.weight","layers.{layer}.attention.v_proj.weight"],"steps":[{"permute":[1,0]},{"split":{"axis":0,"sizes":["query","key","value"]}}]}"#,
        #"{"from":["w.{layer}.x","w.{layer}.z"],"to":["layers.{layer}.mamba.in_proj.weight"],"steps":[{"join":{"axis":0,"sizes":["inner","inner"]}}]}"#,
        #"{"from":["meta"],"to":["meta_tokens"],"steps":[{"reshape":{"from":["meta*hidden"],"to":["meta","hidden"]}}]}"#,
        #"{"from":["norms"],"to":["final_norm.weight","final_norm.bias"],"steps":[{"unstack":2}]}"#,
        #"{"from":["extra.{layer}"],"carry":true}"#,
      ]
    let path = try folder.write(
      #"{"name":"mine","title":"t","configuration":"architecture","signature":["meta","norms"],"rules":[\#(rules.joined(separator: ","))]}"#,
      to: "mine.json")

    let model = try OpenedModel.open(ModelInput(paths: [native]), OpeningOptions())
    let theirs = try model.exported(to: path)
    #expect(theirs.tensors["w.0.qkv"]?.shape.dimensions == [4, 12])
    #expect(theirs.tensors["norms"]?.shape.dimensions == [2, 4])
    #expect(theirs.tensors["meta"]?.shape.dimensions == [8])
    let exported = folder.file("mine.safetensors")
    try SafetensorsWriter.write(theirs, to: exported, replace: false)
    let config = try folder.write(architecture.json, to: "architecture.json")
    let back = try OpenedModel.open(
      ModelInput(paths: [exported]), OpeningOptions(configuration: config, layout: path))
    #expect(back.ledger?.split == 3 && back.ledger?.joined == 2)
    for tensor in weights.tensors {
      let copy = try #require(back.parameters.tensors[tensor.name])
      #expect(try back.parameters.bytes(of: copy) == weights.bytes(of: tensor), "\(tensor.name)")
    }
  }
}
