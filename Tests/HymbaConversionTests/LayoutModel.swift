import HymbaFormat
import HymbaModel
import TestSupport

@testable import HymbaConversion

/// Small architectures of every family with many options, for which layouts are tried.
struct LayoutModel {
  let name: String
  let architecture: Architecture
  /// The kind of its configuration.
  let family: String

  private init(_ name: String, configuration path: String) throws {
    let configuration = try Configuration(reading: path)
    self.name = name
    self.architecture = try configuration.architecture()
    self.family = configuration.family.name
  }

  static func all() throws -> [LayoutModel] {
    var models: [LayoutModel] = []
    // Every recorded set with its configuration; those without weights are the released models.
    for set in try FileSystem.entries(of: Fixture.folder("")).sorted() {
      for name in ["config.json", "build_opts.json", "architecture.json"] {
        let path = Fixture.path(set, name)
        guard FileSystem.exists(path), hasWeights(set) else { continue }
        models.append(try LayoutModel(set, configuration: path))
      }
    }
    let folder = try TemporaryFolder()
    for (name, configuration) in configurations {
      let path = try folder.write(configuration, to: "config.json")
      models.append(try LayoutModel(name, configuration: path))
    }
    return models
  }

  private static func hasWeights(_ set: String) -> Bool {
    ["model.safetensors", "model.safetensors.index.json"].contains {
      FileSystem.exists(Fixture.path(set, $0))
    }
  }

  /// What no recorded set has.
  private static let configurations = [
    (
      "an Edifice Hymba of another input size",
      #"{"embed_dim":5,"hidden_size":6,"state_size":3,"num_layers":2,"num_heads":3,"num_meta_tokens":1}"#
    ),
    (
      "a Jamba with projection biases, without experts",
      #"{"model_type":"jamba","hidden_size":24,"intermediate_size":20,"num_hidden_layers":3,"num_attention_heads":3,"num_key_value_heads":null,"num_experts":1,"attn_layer_period":2,"attn_layer_offset":0,"expert_layer_period":1,"expert_layer_offset":0,"mamba_d_state":5,"mamba_d_conv":3,"mamba_conv_bias":false,"mamba_proj_bias":true,"tie_word_embeddings":true,"vocab_size":10}"#
    ),
    (
      "a Jamba of experts in all layers, with projection biases",
      #"{"model_type":"jamba","hidden_size":12,"intermediate_size":7,"num_hidden_layers":2,"num_attention_heads":3,"num_key_value_heads":1,"num_experts":3,"attn_layer_period":2,"attn_layer_offset":1,"expert_layer_period":1,"expert_layer_offset":0,"mamba_d_state":4,"mamba_d_conv":3,"mamba_proj_bias":true,"tie_word_embeddings":true,"vocab_size":10}"#
    ),
    (
      "a Jamba of attention alone, without a head",
      #"{"model_type":"jamba","architectures":["JambaModel"],"hidden_size":12,"intermediate_size":7,"num_hidden_layers":2,"num_attention_heads":3,"num_key_value_heads":1,"head_dim":5,"num_experts":1,"attn_layer_period":1,"attn_layer_offset":0,"vocab_size":10}"#
    ),
    (
      "a Zamba that never uses the shared block",
      #"{"model_type":"zamba","hidden_size":12,"num_hidden_layers":2,"layers_block_type":["mamba","linear_attention"],"n_mamba_heads":3,"mamba_d_state":4,"mamba_dt_rank":2,"mamba_d_conv":3,"vocab_size":10}"#
    ),
    (
      "a Zamba with a head of its own and projection biases",
      #"{"model_type":"zamba","hidden_size":12,"intermediate_size":7,"num_hidden_layers":3,"layers_block_type":["mamba","hybrid","hybrid"],"num_attention_heads":2,"num_key_value_heads":2,"attention_head_dim":3,"n_mamba_heads":3,"mamba_d_state":4,"mamba_dt_rank":2,"mamba_d_conv":3,"mamba_proj_bias":true,"tie_word_embeddings":false,"vocab_size":10}"#
    ),
    (
      "a Granite hybrid of experts, with biases and a head of its own",
      #"{"model_type":"granitemoehybrid","hidden_size":12,"intermediate_size":7,"shared_intermediate_size":5,"num_hidden_layers":2,"layer_types":["mamba","attention"],"num_attention_heads":3,"num_key_value_heads":1,"attention_bias":true,"num_local_experts":3,"num_experts_per_tok":2,"mamba_n_heads":6,"mamba_d_head":4,"mamba_n_groups":2,"mamba_d_state":4,"mamba_d_conv":3,"mamba_conv_bias":true,"mamba_proj_bias":true,"tie_word_embeddings":false,"vocab_size":10}"#
    ),
    (
      "a Granite hybrid of attention alone",
      #"{"model_type":"granitemoehybrid","hidden_size":12,"shared_intermediate_size":5,"num_hidden_layers":2,"layer_types":["attention","attention"],"num_attention_heads":3,"num_key_value_heads":1,"num_local_experts":0,"position_embedding_type":"rope","tie_word_embeddings":true,"vocab_size":10}"#
    ),
    (
      "a Nemotron-H without experts, with biases and a tied head",
      #"{"model_type":"nemotron_h","hidden_size":12,"intermediate_size":7,"hybrid_override_pattern":"M*-","num_hidden_layers":3,"num_attention_heads":3,"num_key_value_heads":1,"head_dim":5,"attention_bias":true,"mlp_bias":true,"use_bias":true,"use_conv_bias":true,"mamba_num_heads":3,"mamba_head_dim":4,"n_groups":3,"ssm_state_size":4,"conv_kernel":3,"tie_word_embeddings":true,"vocab_size":10}"#
    ),
    (
      "a Nemotron-H of experts, with biases and a tied head",
      #"{"model_type":"nemotron_h","hidden_size":12,"hybrid_override_pattern":"E*M","num_hidden_layers":3,"num_attention_heads":3,"num_key_value_heads":1,"head_dim":5,"attention_bias":true,"use_bias":true,"use_conv_bias":true,"mamba_num_heads":3,"mamba_head_dim":4,"n_groups":3,"ssm_state_size":4,"conv_kernel":3,"n_routed_experts":3,"num_experts_per_tok":2,"moe_intermediate_size":6,"moe_shared_expert_intermediate_size":8,"tie_word_embeddings":true,"vocab_size":10}"#
    ),
  ]
}
