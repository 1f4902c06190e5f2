import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Refused hybrids")
struct FamilyRefusalTests {
  @Test(
    "a configuration whose layers are not those of the weights is refused by layer",
    arguments: [
      (
        "zamba-tiny", "\"hybrid\",\n    \"mamba\",\n    \"hybrid\"",
        "\"hybrid\",\n    \"hybrid\",\n    \"mamba\"",
        "layer 3 should be the shared block and Mamba, but there is “model.layers.3.input_layernorm.weight”; layer 4 should be Mamba, but there is “model.layers.4.linear.weight”"
      ),
      (
        "jamba-tiny", "\"attn_layer_offset\": 2", "\"attn_layer_offset\": 3",
        "layer 2 should be Mamba, but there is “model.layers.2.self_attn.k_proj.weight”; layer 3 should be attention, but there is “model.layers.3.mamba.A_log”; layer 6 should be Mamba, but there is “model.layers.6.self_attn.k_proj.weight” and 1 more"
      ),
      (
        "jamba-tiny", "\"expert_layer_period\": 2", "\"expert_layer_period\": 6",
        "layer 3 should have one feed forward, but there is “model.layers.3.feed_forward.experts.0.down_proj.weight”; layer 5 should have one feed forward, but there is “model.layers.5.feed_forward.experts.0.down_proj.weight”"
      ),
      (
        "jamba-tiny", "\"expert_layer_period\": 2", "\"expert_layer_period\": 1",
        "expert_layer_offset is 1; expected a whole number below expert_layer_period, 1"
      ),
    ])
  func layers(_ set: String, _ old: String, _ new: String, _ message: String) throws {
    let checkpoint = try ChangedCheckpoint(set) { _ in
    } configuration: { text in
      text.replacing(old, with: new)
    }
    let expected =
      message.hasPrefix("layer ") ? "config.json and the tensors disagree: " + message : message
    #expect(FamilyFixture.message(opening: checkpoint.path) == expected)
  }

  @Test("a tensor that a layer lacks is missing, not a layer of another kind")
  func missing() throws {
    let checkpoint = try ChangedCheckpoint("jamba-tiny") { entries in
      entries.removeAll { $0.name == "model.layers.3.mamba.D" }
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "the tensors do not fit the model: 1 missing: model.layers.3.mamba.D")
  }

  @Test("a bias that the configuration denies is no part of the model")
  func unexpectedBias() throws {
    let checkpoint = try ChangedCheckpoint("zamba-tiny") { _ in
    } configuration: { text in
      text.replacing("\"mamba_conv_bias\": true", with: "\"mamba_conv_bias\": false")
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "the tensors do not fit the model: 8 not part of the model: model.layers.0.mamba.conv1d.bias, model.layers.1.mamba.conv1d.bias, model.layers.2.mamba_decoder.mamba.conv1d.bias, model.layers.3.mamba.conv1d.bias and 4 more"
    )
  }

  @Test(
    "a name nested ten thousand times is not searched for ten thousand times",
    .timeLimit(.minutes(5)))
  func nested() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    let entries = (0..<10000).map {
      MemorySource.Entry("\($0).model.embed_tokens.weight", .uint8, [1], [0])
    }
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: false)
    #expect(
      FamilyFixture.message(opening: path).hasPrefix(
        "none of its 10000 tensors belongs to a known layout"))
  }

  @Test("layers that only one of two rules of a layout could mean do not end in a trap")
  func shiftedLayers() throws {
    let folder = try TemporaryFolder()
    let layout = try folder.write(
      #"{"name":"x","title":"t","configuration":"architecture","signature":["e"],"rules":[{"from":["e"],"to":["embed_tokens.weight"]},{"from":["n.{layer}"],"to":["layers.{layer}.nothing"]},{"from":["n.{layer+1}"],"to":["layers.{layer}.norm.weight"]},{"from":["s.{layer}"],"to":["layers.{layer}.nowhere"]}]}"#,
      to: "x.json")
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource(["e", "s.8"].map { .init($0, .uint8, [1], [0]) }), to: path, replace: false)
    #expect {
      try OpenedModel.open(
        ModelInput(paths: [path]),
        OpeningOptions(configuration: Fixture.path("jamba-tiny", "config.json"), layout: layout))
    } throws: {
      "\($0)".hasPrefix("\(path): the tensors do not fit the model: ")
    }
  }

  @Test("a configuration of another kind of model than the weights is refused")
  func families() throws {
    let checkpoint = try ChangedCheckpoint("zamba-tiny") { _ in
    } configuration: { _ in
      #"{"model_type":"jamba"}"#
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "config.json and the tensors disagree: it is a config.json of a Jamba, but they have the names of the layout hf-zamba"
    )
  }

  @Test("an architecture fits any layout")
  func architecture() throws {
    let folder = try TemporaryFolder()
    let model = try FamilyFixture.open(Fixture.folder("zamba-tiny"))
    let json = try #require(model.architecture).json
    let path = try folder.write(json, to: "architecture.json")
    #expect(
      FamilyFixture.message(
        opening: Fixture.path("zamba-tiny", "model.safetensors"), configuration: path) == "opened")
  }

  @Test(
    "Edifice's networks of the same names are named, and why they are others",
    arguments: [
      (
        ["mamba_layer_1_in_proj.kernel", "shared_attention_pre_norm.gamma", "final_norm.gamma"],
        "a checkpoint of Edifice's own Zamba, a different, simplified network than Zamba"
      ),
      (
        ["layer_1_mamba_in_proj.kernel", "layer_3_attn_ffn1.kernel", "final_norm.gamma"],
        "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba"
      ),
      (
        ["layer_1_backbone_in_proj.kernel", "layer_3_attn_ffn1.kernel", "final_norm.gamma"],
        "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba"
      ),
      (
        ["params.layer_1_attn_ffn1.kernel"],
        "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba"
      ),
    ])
  func edifice(_ names: [String], _ kind: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource(names.map { .init($0, .float32, [1], [0, 0, 0, 0]) }), to: path, replace: false)
    #expect(
      FamilyFixture.message(opening: path)
        == "this is \(kind), as its Mamba block is neither selective nor causal"
    )
  }

  @Test(
    "a value that would be another model is refused by its name",
    arguments: [
      (
        #""jamba","hidden_act":"prelu""#,
        "hidden_act is “prelu”; expected a function of transformers without parameters of its own: gelu, gelu_10, gelu_accurate, gelu_fast, gelu_new, gelu_python, gelu_python_tanh, gelu_pytorch_tanh, laplace, leaky_relu, linear, mish, quick_gelu, relu, relu2, relu6, sigmoid, silu, swish, tanh"
      ),
      (
        #""jamba","num_local_experts":4,"num_experts":8"#,
        "num_local_experts is 4; expected num_experts, 8"
      ),
      (
        #""jamba","num_hidden_layers":2,"attn_layer_period":2,"attn_layer_offset":0,"layer_types":["full_attention","full_attention"]"#,
        "layer_types of layer 1 is attention; expected what attn_layer_period and attn_layer_offset say of it"
      ),
      (
        #""jamba","layers_num_experts":[1]"#,
        "layers_num_experts is another list; expected what num_experts, expert_layer_period and expert_layer_offset give"
      ),
      (
        #""jamba","num_attention_heads":7"#,
        "num_attention_heads is 7; expected a divisor of hidden_size, 4096"
      ),
      (
        #""jamba","attn_layer_offset":8"#,
        "attn_layer_offset is 8; expected a whole number below attn_layer_period, 8"
      ),
      (
        #""jamba","num_experts_per_tok":17"#,
        "num_experts_per_tok is 17; expected 1 to the 16 experts"
      ),
      (
        #""jamba","hidden_size":9223372036854775807"#,
        "hidden_size is 9223372036854775807; expected a whole number from 1 to 16777216"
      ),
      (
        #""jamba","num_experts":1000000"#,
        "num_experts is 1000000; expected at most 65536 experts in all layers together"
      ),
      (
        #""jamba","num_hidden_layers":100000"#,
        "num_hidden_layers is 100000; expected a whole number from 1 to 4096"
      ),
      (
        #""zamba","layers_block_type":["mamba"]"#,
        "layers_block_type is a list of 1; expected one type for each of the 76 layers of num_hidden_layers"
      ),
      (
        #""zamba","num_hidden_layers":2,"layers_block_type":["mamba","attention"]"#,
        "layers_block_type of layer 1 is “attention”; expected “hybrid”, “linear_attention” or “mamba”"
      ),
      (#""zamba","layers_block_type":"mamba""#, "layers_block_type is “mamba”; expected a list"),
      (
        #""zamba","num_hidden_layers":2,"layers_block_type":["mamba","hybrid"],"layer_types":["mamba","mamba"]"#,
        "layer_types of layer 1 is “mamba”; expected what layers_block_type says of it"
      ),
      (
        #""zamba","num_attention_heads":8"#,
        "num_attention_heads is 8; expected a multiple of the 16 key/value heads"
      ),
      (
        #""hymba","num_memory_tokens":2,"memory_tokens_interspersed_every":7"#,
        "memory_tokens_interspersed_every is 7; expected 0: meta tokens between the tokens, as 7 gives them, are not computed here, only those in front"
      ),
      (
        #""hymba","num_memory_tokens":2,"sliding_window":4,"attn_implementation_new":"flash_attention_2""#,
        "attn_implementation_new is “flash_attention_2”; expected “flex”: with num_memory_tokens and a sliding_window, flash attention does not see the meta tokens beyond the window, which is another model"
      ),
      (
        #""hymba","hidden_act":"gelu""#,
        "hidden_act is “gelu”; expected “silu” or “swish”: the original's convolution knows no other function"
      ),
      (
        #""zamba","n_mamba_heads":3"#,
        "n_mamba_heads is 3; expected a divisor of mamba_expand * hidden_size, 7424"
      ),
      (
        #""zamba","attention_hidden_size":3712"#,
        "attention_hidden_size is 3712; expected 2 * hidden_size, 7424: the stream beside the embedding"
      ),
      (
        #""hymba","mamba_expand":1,"num_attention_heads":1,"hidden_size":9223372036854775807"#,
        "hidden_size is 9223372036854775807; expected a whole number from 1 to 16777216"
      ),
      (
        #""recurrent_gemma""#,
        "not a configuration that is known here: it is a config.json of another model (“recurrent_gemma”) than Hymba, Jamba, Zamba (version 1), Zamba2, Falcon-H1, Bamba, Granite hybrid, Mamba, Falcon-Mamba, Mamba-2 and Nemotron-H"
      ),
    ])
  func values(_ option: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"model_type":\#(option)}"#, to: "config.json")
    #expect { try readArchitecture(configuration: path) } throws: {
      "\($0)" == "\(path): \(message)"
    }
  }
}
