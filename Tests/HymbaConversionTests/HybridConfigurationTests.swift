import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Configurations of the Mamba-2 hybrids")
struct HybridConfigurationTests {
  private func configuration(_ options: String) throws -> Configuration {
    try Configuration(ConfigurationDocument(origin: "config.json", text: "{\(options)}"))
  }

  private func released(_ name: String) throws -> Architecture {
    try readArchitecture(configuration: Fixture.path("released-configurations", "\(name).json"))
  }

  @Test(
    "two spellings of the same model are the same",
    arguments: [
      // The names of Zamba2's first releases.
      (
        #""model_type":"zamba2","hidden_size":8,"num_attention_heads":2,"num_hidden_layers":2,"layers_block_type":["mamba","hybrid"],"mamba_d_state":3,"mamba_d_conv":2,"mamba_expand":3,"n_mamba_heads":6,"intermediate_size":5,"adapter_rank":7,"use_shared_attention_adapter":true"#,
        #""model_type":"zamba2","hidden_size":8,"num_attention_heads":2,"num_hidden_layers":2,"layers_block_type":["m","g"],"state_size":3,"conv_dimension":2,"expansion_factor":3,"mamba_headdim":4,"ffn_hidden_size":5,"lora_rank":7,"use_shared_block_lora":true,"use_shared_attention_lora":true"#
      ),
      // Both names at once, equal or null.
      (
        #""model_type":"zamba2","mamba_d_state":3,"intermediate_size":5"#,
        #""model_type":"zamba2","mamba_d_state":3.0,"state_size":3,"intermediate_size":null,"ffn_hidden_size":5"#
      ),
      (
        #""model_type":"zamba2","use_mem_rope":true,"rope_theta":7"#,
        #""num_mem_blocks":1,"use_mem_rope":true,"rope_theta":9,"rope_parameters":{"rope_theta":7,"rope_type":"default"},"rope_scaling":null"#
      ),
      // The scaled base of a long context: 10000 * 8^(16 / 14), in Python.
      (
        #""model_type":"zamba2","hidden_size":16,"num_attention_heads":2,"use_mem_rope":true,"rope_theta":107672.01541058847"#,
        #""model_type":"zamba2","hidden_size":16,"num_attention_heads":2,"use_mem_rope":true,"use_long_context":true"#
      ),
      (
        #""model_type":"zamba2","use_mem_rope":false"#,
        #""model_type":"zamba2","use_long_context":true,"rope_theta":5"#
      ),
      (
        #""model_type":"falcon_h1","key_multiplier":2,"mamba_d_head":8,"time_step_limit":[0.0,Infinity]"#,
        #""ssm_multipliers":[1,1,1,1,1.0],"mlp_multipliers":null,"embedding_multiplier":null,"mamba_d_head":"auto","key_multiplier":2.0"#
      ),
      (
        #""model_type":"bamba","attn_layer_indices":[1],"rope_theta":5"#,
        #""z_loss_coefficient":0.0,"attn_layer_indices":[1],"attn_rotary_emb":64,"partial_rotary_factor":0.5,"rope_parameters":{"rope_theta":5,"rope_type":"default","partial_rotary_factor":0.5}"#
      ),
      (#""model_type":"bamba""#, #""model_type":"bamba","attn_layer_indices":[]"#),
      (
        #""model_type":"bamba","num_hidden_layers":2,"attn_layer_indices":[1]"#,
        #""model_type":"bamba","num_hidden_layers":2,"attn_layer_indices":[1,1],"layer_types":["linear_attention","full_attention"]"#
      ),
      // Without a head there are no logits whose factor counts.
      (
        #""model_type":"granitemoehybrid","architectures":["GraniteMoeHybridModel"]"#,
        #""model_type":"granitemoehybrid","architectures":["GraniteMoeHybridModel"],"logits_scaling":3"#
      ),
      (
        #""model_type":"falcon_h1","architectures":["FalconH1Model"]"#,
        #""model_type":"falcon_h1","architectures":["FalconH1Model"],"lm_head_multiplier":3"#
      ),
      (
        #""model_type":"granitemoehybrid","num_hidden_layers":2,"layer_types":["mamba","attention"]"#,
        #""shared_intermediate_size":1024,"num_hidden_layers":2,"layer_types":["linear_attention","full_attention"],"position_embedding_type":"nope""#
      ),
      // A model of attention alone needs no options of Mamba-2, and one without experts none of those.
      (
        #""model_type":"granitemoehybrid","num_hidden_layers":1,"layer_types":["attention"],"num_local_experts":0"#,
        #""model_type":"granitemoehybrid","num_hidden_layers":1,"layer_types":["attention"],"num_local_experts":0,"mamba_n_heads":7,"num_experts_per_tok":0"#
      ),
      (
        #""model_type":"nemotron_h","hybrid_override_pattern":"M*-E","n_groups":2,"conv_kernel":3,"use_conv_bias":false,"time_step_limit":[0.1,0.3],"head_dim":6"#,
        #""model_type":"nemotron_h","layers_block_type":["linear_attention","full_attention","mlp","moe"],"mamba_n_groups":2,"mamba_d_conv":3,"mamba_conv_bias":false,"mamba_dt_limit":[0.1,0.3],"attention_head_dim":6"#
      ),
      (
        #""hybrid_override_pattern":"M-","num_hidden_layers":2"#,
        #""model_type":"nemotron_h","layers_block_type":["mamba","mlp"],"n_routed_experts":7,"time_step_limit":null"#
      ),
      (
        #""model_type":"mamba""#,
        #""time_step_init_scheme":"random","time_step_rank":"auto","intermediate_size":1536,"expand":2.0"#
      ),
      (
        #""model_type":"mamba2","time_step_limit":[0.0,{"__float__":"Infinity"}]"#,
        #""num_heads":128,"n_groups":8,"state_size":128"#
      ),
    ])
  func same(_ one: String, _ other: String) throws {
    #expect(try configuration(one).architecture() == configuration(other).architecture())
  }

  @Test(
    "limits of the time step in every spelling, none where they limit nothing",
    arguments: [
      ("null", nil), ("[0.0,Infinity]", nil), (#"[0,{"__float__":"Infinity"}]"#, nil),
      (#"[{"__float__":"-Infinity"},1e999]"#, nil), ("[-Infinity,Infinity]", nil),
      ("[0.1,Infinity]", .init(lower: 0.1, upper: nil)), ("[0,0.5]", .init(lower: 0, upper: 0.5)),
      ("[0.001,100]", .init(lower: 0.001, upper: 100)),
    ] as [(String, Architecture.Mamba2.TimeStepLimits?)])
  func limits(_ text: String, _ limits: Architecture.Mamba2.TimeStepLimits?) throws {
    for (type, name) in [
      ("zamba2", "time_step_limit"), ("falcon_h1", "time_step_limit"), ("bamba", "time_step_limit"),
      ("granitemoehybrid", "time_step_limit"), ("nemotron_h", "mamba_dt_limit"),
      ("mamba2", "time_step_limit"),
    ] {
      let read = try configuration(#""model_type":"\#(type)","\#(name)":\#(text)"#)
      #expect(
        try read.architecture().layers.compactMap(\.mamba2).allSatisfy { $0.timeStepLimits == limits },
        "\(type)")
      #expect(!read.notes.contains { $0.contains("not known here") })
    }
  }

  @Test("an upper limit of infinity is written as the word that Python reads")
  func infinity() throws {
    let read = try configuration(#""model_type":"nemotron_h","time_step_limit":[0.25,Infinity]"#)
    let document = try #require(NemotronHFamily().derived(from: read.architecture(), type: nil))
    let lines = document.text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
    #expect(lines.contains("Infinity"))
    #expect(try Configuration(document).architecture() == read.architecture())
  }

  @Test("what stands for absent options is the released model that the class describes")
  func defaults() throws {
    #expect(
      try configuration(#""model_type":"nemotron_h""#).architecture() == released("nemotron-h-8b"))
    #expect(
      try configuration(
        #""model_type":"bamba","attn_layer_indices":[9,18,27],"mamba_d_state":128,"vocab_size":128256"#
      ).architecture() == released("bamba-9b"))
    let zamba2 = try configuration(
      #""model_type":"zamba2","n_mamba_heads":80,"num_mem_blocks":2"#)
    #expect(try zamba2.architecture() == released("zamba2-2.7b"))
    let granite = try configuration(#""model_type":"granitemoehybrid""#).architecture()
    #expect(granite.layers.allSatisfy { $0.mamba2 != nil } && granite.layers.count == 32)
    #expect(granite.norm.epsilon == 1e-6 && granite.multipliers == Architecture.Multipliers())
  }

  @Test("the multipliers of a Falcon-H1 are where they act")
  func multipliers() throws {
    let architecture = try released("falcon-h1-7b")
    #expect(architecture.multipliers == .init(embedding: 5.65685, logits: 0.0130208))
    guard case .parallel(let attention, .mamba2(let mamba), .sum)? = architecture.layers[43].mixer
    else { return #expect(Bool(false)) }
    #expect(attention.inputMultiplier == nil && attention.outputMultiplier == 0.104167)
    #expect(attention.keyMultiplier == 0.0306904 && attention.rotary == .init(base: 1e11))
    #expect(
      mamba.multipliers
        == .init(
          input: 0.416667, z: 0.353553, x: 0.25, B: 0.176777, C: 0.5, timeStep: 0.353553,
          output: 0.117851))
    #expect(mamba.gatedNorm == nil && mamba.headSize == 128)
    let network = try #require(architecture.layers[0].feedForward.network)
    #expect(network.gateMultiplier == 0.294628 && network.outputMultiplier == 0.0325521)
  }

  @Test("the factors of a Granite are where they act, and its scale is the one given")
  func graniteFactors() throws {
    let architecture = try released("granite-4.0-micro")
    #expect(
      architecture.multipliers == .init(embedding: 12, residual: 0.22, logitsDivisor: 10))
    #expect(architecture.layers[0].attention?.scale == 0.015625)
    // Without the key it is 1, not 1 / sqrt(head size).
    let bare = try configuration(
      #""model_type":"granitemoehybrid","num_hidden_layers":1,"layer_types":["attention"]"#)
    #expect(try bare.architecture().layers[0].attention?.scale == 1)
    #expect(
      bare.notes == [
        "config.json leaves out attention_multiplier, embedding_multiplier, logits_scaling and residual_multiplier, and 1.0 stands for what is left out: that is the default of the original's class, but not what IBM released, so the sizes of the model are right and its results are not"
      ])
  }

  @Test("the experts of a Nemotron-H are chosen in groups by their probabilities with a bias")
  func experts() throws {
    let architecture = try released("nemotron-3-super-120b-a12b")
    let layer = try #require(architecture.layers.first { $0.feedForward.expertCount > 0 })
    #expect(layer.mixer == nil)
    let mixture = try #require(layer.feedForward.mixture)
    #expect(mixture.count == 512 && mixture.perToken == 22 && mixture.latentSize == 1024)
    #expect(
      mixture.router == .init(scores: .sigmoid, normalizes: true, hasBias: true, scale: 5))
    #expect(architecture.pattern.hasPrefix("dFdFdFdaF"))
    #expect(try released("nemotron-h-8b").pattern.hasPrefix("dfdfdfdaf"))
  }

  @Test(
    "sizes that the class of a Zamba2 computes are not those of the file, and a note says so",
    arguments: [
      (
        #""attention_head_dim":9"#,
        "attention_head_dim 9, which the original's class replaces by 2 * hidden_size / num_attention_heads, 160"
      ),
      (
        #""head_dim":9"#,
        "head_dim 9, which the original's class replaces by 2 * hidden_size / num_attention_heads, 160"
      ),
      (
        #""attention_hidden_size":9"#,
        "attention_hidden_size 9, which the original's class replaces by 2 * hidden_size, 5120"
      ),
      (
        #""n_mamba_heads":80,"mamba_headdim":9"#,
        "mamba_headdim 9, which the original's class replaces by mamba_expand * hidden_size / n_mamba_heads, 64"
      ),
    ])
  func overruled(_ option: String, _ note: String) throws {
    let heads = #""model_type":"zamba2","n_mamba_heads":80"#
    let read = try configuration(#""model_type":"zamba2",\#(option)"#)
    #expect(read.notes == ["config.json gives \(note)"])
    let plain = try configuration(option.contains("n_mamba") ? heads : #""model_type":"zamba2""#)
    #expect(try read.architecture() == plain.architecture() && plain.notes == [])
  }

  @Test("a scaled rotary base comes with a note, where there are rotary positions")
  func longContext() throws {
    let flags = #""model_type":"zamba2","use_long_context":true"#
    #expect(try configuration(flags).notes == [])
    #expect(
      try configuration(flags + #","use_mem_rope":true"#).notes == [
        "config.json has use_long_context, so rope_theta is scaled here, as version 4 of transformers does; that version also saves the scaled value beside the flag, and a file that it saved would be scaled twice"
      ])
  }

  @Test("blocks that no layer would use are no part of the model")
  func blocks() throws {
    let read = try configuration(
      #""model_type":"zamba2","num_hidden_layers":2,"layers_block_type":["mamba","hybrid"],"num_mem_blocks":3"#
    )
    #expect(try read.architecture().sharedBlock?.count == 1)
  }

  @Test(
    "a document without a type of model is told by options that one family has alone",
    arguments: [
      (#""num_mem_blocks":2"#, "zamba2"), (#""num_mem_blocks":2,"n_mamba_heads":8"#, "zamba2"),
      (#""n_mamba_heads":2"#, "zamba"), (#""mamba_d_ssm":1024"#, "falcon-h1"),
      (#""ssm_multipliers":null,"attn_layer_indices":null"#, "falcon-h1"),
      (#""z_loss_coefficient":0"#, "bamba"), (#""shared_intermediate_size":1024"#, "granite-hybrid"),
      (#""hybrid_override_pattern":"M""#, "nemotron-h"),
      (#""time_step_init_scheme":"random""#, "mamba"),
      (#""time_step_init_scheme":"random","mixer_rms_eps":1e-6"#, "falcon-mamba"),
      (#""num_heads":128,"n_groups":8,"state_size":128"#, "mamba2"),
    ])
  func recognised(_ options: String, _ family: String) throws {
    #expect(try configuration(options).family.name == family)
  }

  @Test("a Falcon-Mamba has the inner size that its file gives, whatever the factor beside it, and norms without weights")
  func falconMamba() throws {
    let released = try configuration(
      #""model_type":"falcon_mamba","hidden_size":8,"num_hidden_layers":1,"expand":16,"intermediate_size":16"#
    ).architecture()
    #expect(released.layers[0].mamba?.innerSize == 16)
    #expect(released.layers[0].mamba?.innerNorms == .weightless(epsilon: 1e-6))
    let factor = try configuration(
      #""model_type":"falcon_mamba","hidden_size":8,"num_hidden_layers":1,"expand":3"#
    ).architecture()
    #expect(factor.layers[0].mamba?.innerSize == 24)
  }
}
