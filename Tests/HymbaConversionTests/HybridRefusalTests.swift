import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Options of the Mamba-2 hybrids that are refused")
struct HybridRefusalTests {
  @Test(
    "a value that would be another model is refused by its name",
    arguments: [
      // Zamba2
      (
        #""zamba2","mamba_d_state":64,"state_size":16"#, "state_size is 16; expected mamba_d_state, 64"
      ),
      (
        #""zamba2","use_shared_attention_adapter":true,"use_shared_attention_lora":false"#,
        "use_shared_attention_lora is false; expected use_shared_attention_adapter, true"
      ),
      (#""zamba2","conv_dimension":"x""#, "conv_dimension is “x”; expected a whole number"),
      (
        #""zamba2","state_size":0"#, "state_size is 0; expected a whole number from 1 to 16777216"
      ),
      (
        #""zamba2","expansion_factor":0"#,
        "expansion_factor is 0; expected a factor with which hidden_size, 2560, becomes a whole number from 1 to 16777216"
      ),
      (
        #""zamba2","num_hidden_layers":6"#,
        "num_hidden_layers is 6; expected 54, the layers of the list that stands for an absent layers_block_type"
      ),
      (
        #""zamba2","num_hidden_layers":2,"layers_block_type":["m","a"]"#,
        "layers_block_type of layer 1 is “a”; expected “g”, “hybrid”, “linear_attention”, “m” or “mamba”"
      ),
      (
        #""zamba2","n_mamba_heads":7"#,
        "n_mamba_heads is 7; expected a divisor of mamba_expand * hidden_size, 5120"
      ),
      (
        #""zamba2","mamba_headdim":7"#,
        "mamba_headdim is 7; expected a divisor of mamba_expand * hidden_size, 5120"
      ),
      (
        #""zamba2","mamba_ngroups":3"#, "mamba_ngroups is 3; expected a divisor of the 8 heads"
      ),
      (
        #""zamba2","num_attention_heads":7"#,
        "num_attention_heads is 7; expected a divisor of 2 * hidden_size, 5120"
      ),
      (
        #""zamba2","num_key_value_heads":8,"use_shared_attention_adapter":true"#,
        "num_key_value_heads is 8; expected num_attention_heads, 32: with use_shared_attention_adapter, keys and values have adapters as wide as those of queries"
      ),
      (
        #""zamba2","use_shared_block_lora":false"#,
        "use_shared_block_lora is false; expected true: the feed forward of the shared block has adapters"
      ),
      (
        #""zamba2","use_mem_rope":true,"rope_scaling":{"rope_type":"yarn"}"#,
        "rope_type in rope_scaling is “yarn”; expected “default”: positions that are scaled in another way are not computed here"
      ),
      (
        #""zamba2","time_step_limit":[0.1]"#,
        "time_step_limit is a list of 1; expected a list of two numbers, the lower and the upper limit of the time step"
      ),
      (
        #""zamba2","time_step_limit":[NaN,1]"#,
        "time_step_limit is [nan, 1]; expected a list of two numbers, the lower and the upper limit of the time step"
      ),
      (
        #""zamba2","time_step_limit":[0.3,0.1]"#,
        "time_step_limit is [0.3, 0.1]; expected a lower limit that is below the upper one"
      ),
      // Falcon-H1
      (
        #""falcon_h1","mamba_d_ssm":100"#,
        "mamba_n_heads is 128; expected a divisor of mamba_d_ssm, 100"
      ),
      (
        #""falcon_h1","mamba_d_head":64"#,
        "mamba_d_head is 64; expected mamba_d_ssm / mamba_n_heads, 1024 / 128"
      ),
      (
        #""falcon_h1","mamba_d_ssm":null,"mamba_d_head":8"#,
        "mamba_d_head is 8; expected mamba_expand * hidden_size / mamba_n_heads, 8192 / 128"
      ),
      (
        #""falcon_h1","mamba_n_groups":3"#,
        "mamba_n_groups is 3; expected a divisor of the 128 heads"
      ),
      (
        #""falcon_h1","hidden_act":"gelu""#,
        "hidden_act is “gelu”; expected “silu” or “swish”: no model with another function was released, and the originals' kernels know no other"
      ),
      (
        #""falcon_h1","ssm_multipliers":[1,1,1,1]"#,
        "ssm_multipliers is a list of 4; expected a list of 5 numbers"
      ),
      (
        #""falcon_h1","mlp_multipliers":[1,"x"]"#,
        "mlp_multipliers is a list of 2; expected a list of 2 numbers"
      ),
      (
        #""falcon_h1","key_multiplier":NaN"#, "key_multiplier is nan; expected a finite number"
      ),
      (
        #""falcon_h1","rope_parameters":{"rope_theta":1,"partial_rotary_factor":0.5}"#,
        "partial_rotary_factor in rope_parameters is 0.5; expected 1.0: the original rotates no other part of each head"
      ),
      // Bamba
      (
        #""bamba","attn_layer_indices":[3],"partial_rotary_factor":0.25"#,
        "partial_rotary_factor is 0.25; expected 0.5: the original rotates half of each head"
      ),
      (
        #""bamba","attn_layer_indices":[3],"attn_rotary_emb":128"#,
        "attn_rotary_emb is 128; expected 64: the original rotates half of each head"
      ),
      (
        #""bamba","attn_layer_indices":[3],"rope_parameters":{"partial_rotary_factor":1}"#,
        "partial_rotary_factor in rope_parameters is 1; expected 0.5: the original rotates no other part of each head"
      ),
      (
        #""bamba","attn_layer_indices":[32]"#,
        "attn_layer_indices is a list with 32; expected layers from 0 to 31, as num_hidden_layers is 32"
      ),
      (
        #""bamba","attn_layer_indices":[3],"head_dim":6"#,
        "head_dim is 6; expected a size of which half, rounded down, is even"
      ),
      (
        #""bamba","num_attention_heads":2048,"num_key_value_heads":8,"attn_layer_indices":[3]"#,
        "hidden_size / num_attention_heads is 2; expected a size of which half, rounded down, is even"
      ),
      (
        #""bamba","num_hidden_layers":2,"attn_layer_indices":[1],"layer_types":["full_attention","full_attention"]"#,
        "layer_types of layer 0 is attention; expected what attn_layer_indices says of it"
      ),
      // Granite
      (
        #""granitemoehybrid","num_hidden_layers":1,"layer_types":["attention"],"position_embedding_type":"alibi""#,
        "position_embedding_type is “alibi”; expected “rope” or “nope”"
      ),
      (
        #""granitemoehybrid","num_experts_per_tok":0"#,
        "num_experts_per_tok is 0; expected 1 to the 8 experts"
      ),
      (
        #""granitemoehybrid","logits_scaling":0"#, "logits_scaling is 0; expected another number"
      ),
      (
        #""granitemoehybrid","mamba_n_heads":60000"#,
        "mamba_n_heads is 60000; expected a divisor of mamba_expand * hidden_size, 8192"
      ),
      // Nemotron-H
      (
        #""nemotron_h","num_hidden_layers":3,"hybrid_override_pattern":"M*""#,
        "hybrid_override_pattern is a pattern of 2; expected one letter for each of the 3 layers of num_hidden_layers"
      ),
      (
        #""nemotron_h","hybrid_override_pattern":"MX""#,
        "hybrid_override_pattern of layer 1 is “X”; expected “M”, “*”, “-” or “E”"
      ),
      (
        #""nemotron_h","hybrid_override_pattern":"M*","layers_block_type":["mamba","moe"]"#,
        "layers_block_type of layer 1 is “E”; expected what hybrid_override_pattern says of it, “*”"
      ),
      (
        #""nemotron_h","hybrid_override_pattern":"M*","layers_block_type":["mamba"]"#,
        "layers_block_type is a list of 1; expected one type for each of the 2 letters of hybrid_override_pattern"
      ),
      (
        #""nemotron_h","num_hidden_layers":3"#,
        "num_hidden_layers is 3; expected 52, the layers of the pattern that stands for an absent hybrid_override_pattern"
      ),
      (
        #""nemotron_h","hybrid_override_pattern":"E","mlp_bias":true"#,
        "mlp_bias is true; expected false: of the two originals only one has biases in its experts"
      ),
      (
        #""nemotron_h","mlp_hidden_act":"silu""#,
        "mlp_hidden_act is “silu”; expected “relu2”: no model with another function was released"
      ),
      (
        #""nemotron_h","mamba_hidden_act":"relu""#,
        "mamba_hidden_act is “relu”; expected “silu” or “swish”: no model with another function was released, and the originals' kernels know no other"
      ),
      (
        #""nemotron_h","head_dim":64,"attention_head_dim":128"#,
        "attention_head_dim is 128; expected head_dim, 64"
      ),
      (
        #""nemotron_h","n_groups":8,"mamba_n_groups":4"#, "mamba_n_groups is 4; expected n_groups, 8"
      ),
      (
        #""nemotron_h","time_step_limit":[0,1],"mamba_dt_limit":[0,2]"#,
        "mamba_dt_limit is a list of 2; expected the same as time_step_limit"
      ),
      (
        #""nemotron_h","hybrid_override_pattern":"E","n_group":3"#,
        "n_group is 3; expected a divisor of the 8 experts"
      ),
      // Mamba, Falcon-Mamba and Mamba-2
      (
        #""mamba","intermediate_size":768"#,
        "intermediate_size is 768; expected expand * hidden_size, 1536"
      ),
      (
        #""falcon_mamba","mixer_rms_eps":-1"#, "mixer_rms_eps is -1.0; expected a number from 0 on"
      ),
      (
        #""falcon_mamba","intermediate_size":0"#,
        "intermediate_size is 0; expected a whole number from 1 to 16777216"
      ),
      (
        #""mamba2","num_heads":64"#,
        "head_dim is 64; expected expand * hidden_size / num_heads, 8192 / 64"
      ),
      (
        #""mamba2","rms_norm":false"#,
        "rms_norm is false; expected true: the original has a norm behind its gate"
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
