import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("A config.json made from an architecture")
struct DerivedConfigurationTests {
  private static let sets = [
    "hymba-1.5b", "hymba-nvidia-tiny", "hymba-nvidia-small-sharded", "hymba-nvidia-options-a",
    "hymba-nvidia-options-b", "hymba-nvidia-options-c", "hymba-nvidia-options-d", "jamba-tiny",
    "zamba-tiny", "user-layout", "zamba2-tiny", "zamba2-options", "falcon-h1-tiny",
    "falcon-h1-options", "bamba-tiny", "bamba-options", "granite-hybrid-tiny",
    "granite-hybrid-options", "nemotron-h-tiny", "nemotron-h-options", "mamba-tiny",
    "mamba-options", "falcon-mamba-tiny", "falcon-mamba-options", "mamba2-tiny", "mamba2-options",
  ]

  /// Options of the originals that say what is computed.
  private static let telling = [
    "model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "intermediate_size", "num_memory_tokens", "mamba_d_state",
    "mamba_d_conv", "mamba_dt_rank", "mamba_expand", "mamba_conv_bias", "mamba_proj_bias",
    "mamba_inner_layernorms", "tie_word_embeddings", "rms_norm_eps", "sliding_window",
    "global_attn_idx", "kv_reuse_group", "kq_norm", "rope", "mlp_hidden_act", "num_experts",
    "num_experts_per_tok", "attn_layer_period", "attn_layer_offset", "expert_layer_period",
    "expert_layer_offset", "layers_block_type", "n_mamba_heads", "attention_head_dim",
    "num_mem_blocks", "adapter_rank", "use_shared_attention_adapter", "use_mem_rope",
    "add_bias_linear", "mamba_ngroups", "mamba_n_heads", "mamba_d_head", "mamba_n_groups",
    "mamba_rms_norm", "projectors_bias", "mlp_bias", "attention_bias", "attn_layer_indices",
    "embedding_multiplier", "lm_head_multiplier", "key_multiplier", "attention_in_multiplier",
    "attention_out_multiplier", "ssm_in_multiplier", "ssm_out_multiplier", "ssm_multipliers",
    "mlp_multipliers", "logits_scaling", "residual_multiplier", "attention_multiplier",
    "position_embedding_type", "shared_intermediate_size", "num_local_experts",
    "hybrid_override_pattern", "mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size",
    "conv_kernel", "use_bias", "use_conv_bias", "n_routed_experts", "moe_intermediate_size",
    "moe_shared_expert_intermediate_size", "moe_latent_size", "n_group", "topk_group",
    "norm_topk_prob", "routed_scaling_factor", "layer_norm_epsilon", "state_size", "num_heads",
    "time_step_rank", "mixer_rms_eps",
  ]

  @Test("says what the original's says, wherever both have an option", arguments: sets)
  func original(_ set: String) throws {
    let configuration = try Configuration(reading: Fixture.path(set, "config.json"))
    let document = try #require(
      configuration.family.derived(from: configuration.architecture(), type: .float32))
    let derived = try JSONValue(parsing: Array(document.text.utf8))
    let original = try JSONValue(parsing: Array(configuration.document.text.utf8), .python)
    for name in Self.telling {
      guard let value = original[name], let own = derived[name] else { continue }
      // Null is what the original does not load with a window.
      let isEmpty = name == "global_attn_idx" && value == .null && own == .array([])
      // JSON has one kind of number, so that 3 and 3.0 are equal.
      let isEqual = own.wholeNumber.map { $0 == value.wholeNumber } ?? (own == value)
      #expect(isEqual || isEmpty, "\(name)")
    }
    #expect(derived["torch_dtype"] == .string("float32"))
  }

  @Test(
    "has what NVIDIA's code asks for: flex attention with meta tokens only, layers without a window as a list",
    arguments: [(3, "flex", 4), (0, "sdpa", 4), (3, "flex", nil)])
  func loads(_ meta: Int, _ implementation: String, _ window: Int?) throws {
    let text =
      #"{"model_type":"hymba","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":2,"num_memory_tokens":\#(meta),"sliding_window":\#(window.map { "\($0)" } ?? "null")}"#
    let architecture = try Configuration(
      ConfigurationDocument(origin: "config.json", text: text)
    ).architecture()
    let document = try #require(
      NvidiaHymbaFamily().derived(from: architecture, type: nil))
    let derived = try JSONValue(parsing: Array(document.text.utf8))
    #expect(derived["attn_implementation_new"] == .string(implementation))
    #expect(derived["global_attn_idx"] == .array([]))
    // Its flex attention makes a mask of this length, and its class has no default for these two.
    #expect(derived["seq_length"] != nil && derived["kq_norm"] == .string("none"))
    #expect(derived["mlp_hidden_act"] == .string("silu"))
  }

  @Test(
    "describes what options leave out: no Mamba, no shared block, no head, no feed forward",
    arguments: [
      #"{"model_type":"jamba","architectures":["JambaModel"],"num_hidden_layers":2,"attn_layer_period":1,"attn_layer_offset":0,"num_experts":1,"head_dim":7}"#,
      #"{"model_type":"jamba","num_hidden_layers":2,"hidden_size":24,"hidden_act":"relu"}"#,
      #"{"model_type":"zamba","num_hidden_layers":2,"hidden_mamba_act":"tanh"}"#,
      #"{"model_type":"zamba","num_hidden_layers":4,"hidden_act":"mish"}"#,
      #"{"model_type":"hymba","num_hidden_layers":2,"intermediate_size":0,"mamba_expand":1.5,"sliding_window":0}"#,
      #"{"model_type":"zamba2","num_hidden_layers":2,"layers_block_type":["mamba","mamba"]}"#,
      #"{"model_type":"zamba2","num_hidden_layers":2,"layers_block_type":["hybrid","hybrid"],"num_mem_blocks":9,"mamba_expand":1.5,"mamba_headdim":48,"use_mem_rope":true,"rope_parameters":{"rope_theta":7}}"#,
      #"{"model_type":"falcon_h1","mamba_d_ssm":1536,"mamba_n_heads":12,"ssm_multipliers":[1,1,1,2,1],"key_multiplier":1,"time_step_limit":[0.1,Infinity]}"#,
      #"{"model_type":"bamba","architectures":["BambaModel"],"attn_layer_indices":[],"time_step_limit":[0,0.5]}"#,
      #"{"model_type":"bamba","num_hidden_layers":2,"attn_layer_indices":[0,1],"mamba_n_heads":3}"#,
      #"{"model_type":"granitemoehybrid","attention_multiplier":1,"embedding_multiplier":1,"logits_scaling":1,"residual_multiplier":2}"#,
      #"{"model_type":"granitemoehybrid","num_hidden_layers":1,"layer_types":["attention"],"num_local_experts":0,"attention_multiplier":1,"embedding_multiplier":1,"logits_scaling":0.5,"residual_multiplier":1}"#,
      #"{"model_type":"nemotron_h","hybrid_override_pattern":"E"}"#,
      #"{"model_type":"nemotron_h","layers_block_type":["mlp","full_attention"],"mlp_bias":true}"#,
      #"{"model_type":"mamba","expand":1.5,"hidden_act":"tanh"}"#,
      #"{"model_type":"falcon_mamba","expand":1.5,"mixer_rms_eps":0}"#,
      #"{"model_type":"mamba2","tie_word_embeddings":true,"n_groups":1}"#,
    ])
  func leftOut(_ text: String) throws {
    let configuration = try Configuration(
      ConfigurationDocument(origin: "config.json", text: text))
    let document = try #require(
      configuration.family.derived(from: configuration.architecture(), type: nil))
    #expect(
      try Configuration(document).architecture() == configuration.architecture()
        && Configuration(document).notes == [])
  }

  @Test("is none for numbers of heads that the original rounds to fewer channels, and reading says so")
  func roundedHeads() throws {
    // In Python int(1 / 49 * 392) is 7, where 8 channels are needed.
    func configuration(_ heads: Int) throws -> Configuration {
      try Configuration(
        ConfigurationDocument(
          origin: "config.json",
          text:
            #"{"model_type":"hymba","hidden_size":\#(heads * 8),"num_attention_heads":\#(heads),"num_key_value_heads":1,"num_hidden_layers":1}"#
        ))
    }
    #expect {
      try configuration(49).architecture()
    } throws: {
      "\($0)"
        == "num_key_value_heads is 1; expected another number: the original rounds num_key_value_heads / num_attention_heads * hidden_size, with 1 / 49 * 392, to fewer channels than its heads have, and cannot compute such a model"
    }
    // The same as an architecture, which is a model of its own.
    let architecture = try configuration(48).architecture()
    guard case .parallel(var attention, .mamba(var mamba), let fusion) = architecture.layers[0].mixer
    else { return #expect(Bool(false)) }
    attention.heads = 49
    mamba.innerSize = 49 * 16
    let other = try architecture.changed { [attention, mamba] in
      $0.hiddenSize = 49 * 8
      $0.layers[0].mixer = .parallel(attention: attention, mamba: .mamba(mamba), fusion: fusion)
    }
    #expect(NvidiaHymbaFamily().derived(from: other, type: nil) == nil)
  }

  @Test("is none where no such file describes the architecture")
  func impossible() throws {
    let configuration = try Configuration(
      reading: Fixture.path("hymba-nvidia-tiny", "config.json"))
    let architecture = try configuration.architecture()
    #expect(NvidiaHymbaFamily().derived(from: architecture, type: nil) != nil)
    #expect(JambaFamily().derived(from: architecture, type: nil) == nil)
    #expect(EdificeFamily().derived(from: architecture, type: nil) == nil)
    guard case .parallel(var attention, let mamba, let fusion) = architecture.layers[1].mixer
    else { return #expect(Bool(false)) }
    attention.window = (attention.window ?? 4) + 1
    let other = try architecture.changed { [attention] in
      $0.layers[1].mixer = .parallel(attention: attention, mamba: mamba, fusion: fusion)
    }
    #expect(NvidiaHymbaFamily().derived(from: other, type: nil) == nil)
  }
}
