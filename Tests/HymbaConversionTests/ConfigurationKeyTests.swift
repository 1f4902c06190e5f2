import FoundationEssentials
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Every option of every configuration class")
struct ConfigurationKeyTests {
  /// A table with a small model, and for each option that is read a value that makes another of it, or none.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let keys: OptionTable
    let base: String
    let others: String

    var testDescription: String { name }
  }

  private static let shared =
    #""vocab_size":11,"hidden_size":16,"rms_norm_eps":0.1,"tie_word_embeddings":null,"mamba_conv_bias":false,"mamba_d_conv":2,"mamba_d_state":3,"mamba_dt_rank":5,"mamba_expand":4,"mamba_proj_bias":true,"intermediate_size":3,"num_attention_heads":4"#

  /// Options that Zamba2, Falcon-H1, Bamba and Granite have in common.
  private static let wider =
    #""vocab_size":11,"hidden_size":16,"num_hidden_layers":3,"rms_norm_eps":0.1,"intermediate_size":3,"mamba_d_conv":2,"mamba_d_state":3,"mamba_expand":4,"num_attention_heads":4,"rope_parameters":{"rope_theta":5.5},"rope_scaling":{"rope_type":"linear","factor":2},"rope_theta":5,"time_step_limit":[0.1,0.3]"#

  /// Further options that the last three of them have in common.
  private static let namesOfMamba2 =
    #""mamba_conv_bias":false,"mamba_d_head":9,"mamba_n_groups":2,"mamba_n_heads":2,"mamba_proj_bias":true"#

  /// Options that Mamba and Mamba-2 have in common.
  private static let plain =
    #""vocab_size":11,"hidden_size":16,"num_hidden_layers":3,"layer_norm_epsilon":0.1,"conv_kernel":2,"expand":4,"state_size":3,"use_bias":true,"use_conv_bias":false"#

  static let families = [
    Case(
      name: "hymba", keys: .nvidiaHymba,
      base:
        #"{"model_type":"hymba","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":2,"num_memory_tokens":2,"sliding_window":4,"rope":true,"rope_type":"ntk","orig_max_position_embeddings":16,"max_position_embeddings":32,"tie_word_embeddings":true}"#,
      others:
        #"{\#(shared),"architectures":["HymbaModel"],"num_hidden_layers":3,"attn_hidden_size":24,"attn_implementation_new":"flash_attention_2","global_attn_idx":[0],"kq_head_dim":9,"kq_norm":"rms","kv_reuse_every_i_layer":2,"kv_reuse_group":[[0,1]],"mamba_inner_layernorms":false,"max_position_embeddings":64,"memory_tokens_interspersed_every":7,"mlp_hidden_act":"relu2","num_key_value_heads":2,"num_memory_tokens":1,"orig_max_position_embeddings":8,"rope":false,"rope_theta":5,"rope_type":"default","sliding_window":5}"#
    ),
    Case(
      name: "jamba", keys: .jamba,
      base:
        #"{"model_type":"jamba","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":4,"attn_layer_period":2,"attn_layer_offset":0,"num_experts":4,"expert_layer_period":2,"expert_layer_offset":1,"tie_word_embeddings":true}"#,
      others:
        #"{\#(shared),"architectures":["JambaModel"],"num_hidden_layers":3,"attn_layer_offset":1,"attn_layer_period":3,"expert_layer_offset":0,"expert_layer_period":3,"head_dim":6,"hidden_act":"gelu","layer_types":["mamba","mamba","mamba","mamba"],"layers_block_type":["mamba","mamba","mamba","mamba"],"layers_num_experts":[1,1,1,1],"mamba_inner_layernorms":false,"num_experts":3,"num_experts_per_tok":1,"num_key_value_heads":2,"num_local_experts":3}"#
    ),
    Case(
      name: "zamba", keys: .zamba,
      base:
        #"{"model_type":"zamba","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":2,"num_hidden_layers":7,"attn_layer_period":3,"attn_layer_offset":0}"#,
      others:
        #"{\#(shared),"architectures":["ZambaModel"],"num_hidden_layers":5,"attention_head_dim":6,"attention_hidden_size":9,"attn_layer_offset":1,"attn_layer_period":2,"head_dim":9,"hidden_act":"relu","hidden_mamba_act":"relu","layer_types":["mamba","mamba","mamba","mamba","mamba","mamba","mamba"],"layers_block_type":["mamba","mamba","mamba","mamba","mamba","mamba","mamba"],"n_mamba_heads":4,"num_key_value_heads":1}"#
    ),
    Case(
      name: "zamba2", keys: .zamba2,
      base:
        #"{"model_type":"zamba2","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":2,"num_hidden_layers":4,"layers_block_type":["mamba","hybrid","hybrid","mamba"],"num_mem_blocks":2,"n_mamba_heads":4,"use_mem_rope":true}"#,
      others:
        #"{\#(wider),"architectures":["Zamba2Model"],"adapter_rank":5,"add_bias_linear":true,"conv_dimension":2,"expansion_factor":4,"ffn_hidden_size":3,"hidden_act":"relu","layer_types":["mamba","mamba","mamba","mamba"],"layers_block_type":["mamba","mamba","mamba","mamba"],"lora_rank":6,"mamba_headdim":3,"mamba_ngroups":2,"n_mamba_heads":2,"num_key_value_heads":1,"num_mem_blocks":1,"state_size":3,"tie_word_embeddings":null,"use_long_context":true,"use_mem_rope":false,"use_shared_attention_adapter":true,"use_shared_attention_lora":true}"#
    ),
    Case(
      name: "falcon-h1", keys: .falconH1,
      base:
        #"{"model_type":"falcon_h1","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":2,"mamba_d_ssm":null,"mamba_n_heads":4,"mamba_rms_norm":true,"key_multiplier":2}"#,
      others:
        #"{\#(wider),\#(namesOfMamba2),"architectures":["FalconH1Model"],"attention_bias":true,"attention_in_multiplier":3,"attention_out_multiplier":3,"embedding_multiplier":3,"head_dim":6,"key_multiplier":3,"lm_head_multiplier":3,"mamba_d_ssm":4,"mamba_norm_before_gate":false,"mamba_rms_norm":false,"mlp_bias":true,"mlp_multipliers":[1,3],"num_key_value_heads":2,"projectors_bias":true,"ssm_in_multiplier":3,"ssm_multipliers":[1,1,1,1,3],"ssm_out_multiplier":3,"tie_word_embeddings":true}"#
    ),
    Case(
      name: "bamba", keys: .bamba,
      base:
        #"{"model_type":"bamba","hidden_size":32,"num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":2,"attn_layer_indices":[1],"mamba_n_heads":4}"#,
      others:
        #"{\#(wider),\#(namesOfMamba2),"architectures":["BambaModel"],"attention_bias":true,"attn_layer_indices":[0],"attn_rotary_emb":4,"head_dim":8,"layer_types":["mamba","mamba"],"layers_block_type":["mamba","mamba"],"mlp_bias":true,"num_key_value_heads":2,"tie_word_embeddings":true}"#
    ),
    Case(
      name: "granite-hybrid", keys: .graniteHybrid,
      base:
        #"{"model_type":"granitemoehybrid","hidden_size":8,"num_attention_heads":2,"num_hidden_layers":2,"layer_types":["mamba","attention"],"position_embedding_type":"rope","mamba_n_heads":4,"num_local_experts":4,"attention_multiplier":0.5,"embedding_multiplier":2,"logits_scaling":3,"residual_multiplier":0.25}"#,
      others:
        #"{\#(wider),\#(namesOfMamba2),"architectures":["GraniteMoeHybridModel"],"attention_bias":true,"attention_multiplier":0.25,"embedding_multiplier":3,"head_dim":6,"layer_types":["mamba","mamba"],"layers_block_type":["mamba","mamba"],"logits_scaling":2,"num_experts_per_tok":1,"num_key_value_heads":1,"num_local_experts":0,"position_embedding_type":"nope","residual_multiplier":1,"shared_intermediate_size":7,"tie_word_embeddings":true}"#
    ),
    Case(
      name: "nemotron-h", keys: .nemotronH,
      base:
        #"{"model_type":"nemotron_h","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":1,"hybrid_override_pattern":"M*-E","mamba_num_heads":4,"n_groups":2,"n_group":2,"n_routed_experts":4}"#,
      others:
        #"{"vocab_size":11,"hidden_size":16,"num_hidden_layers":3,"tie_word_embeddings":true,"layer_norm_epsilon":0.1,"intermediate_size":3,"num_attention_heads":4,"time_step_limit":[0.1,0.3],"architectures":["NemotronHModel"],"attention_bias":true,"attention_head_dim":6,"conv_kernel":2,"head_dim":6,"hybrid_override_pattern":"M*EE","layer_types":["mamba","mamba","mamba","mamba"],"layers_block_type":["mamba","mamba","mamba","mamba"],"mamba_conv_bias":false,"mamba_d_conv":2,"mamba_dt_limit":[0.1,0.3],"mamba_head_dim":3,"mamba_n_groups":4,"mamba_num_heads":2,"mlp_bias":true,"moe_intermediate_size":3,"moe_latent_size":3,"moe_shared_expert_intermediate_size":3,"n_group":1,"n_groups":1,"n_routed_experts":6,"norm_topk_prob":false,"num_experts_per_tok":1,"num_key_value_heads":2,"num_local_experts":6,"routed_scaling_factor":3,"ssm_state_size":3,"topk_group":2,"use_bias":true,"use_conv_bias":false}"#
    ),
    Case(
      name: "mamba", keys: .plainMamba,
      base: #"{"model_type":"mamba","hidden_size":8,"num_hidden_layers":2}"#,
      others:
        #"{\#(plain),"architectures":["MambaModel"],"hidden_act":"relu","intermediate_size":9,"tie_word_embeddings":null,"time_step_rank":5}"#
    ),
    Case(
      name: "falcon-mamba", keys: .falconMamba,
      base: #"{"model_type":"falcon_mamba","hidden_size":8,"num_hidden_layers":2}"#,
      others:
        #"{\#(plain),"architectures":["FalconMambaModel"],"hidden_act":"relu","intermediate_size":9,"mixer_rms_eps":0.1,"tie_word_embeddings":null,"time_step_rank":5}"#
    ),
    Case(
      name: "mamba2", keys: .plainMamba2,
      base:
        #"{"model_type":"mamba2","hidden_size":8,"num_hidden_layers":2,"num_heads":4,"head_dim":4,"n_groups":2}"#,
      others:
        #"{\#(plain),"architectures":["Mamba2Model"],"head_dim":8,"n_groups":4,"num_heads":8,"tie_word_embeddings":true,"time_step_limit":[0.1,0.3]}"#
    ),
    Case(
      name: "edifice", keys: .edifice, base: #"{"embed_dim":5}"#,
      others:
        #"{"arch":"zamba","embed_dim":6,"input_size":6,"input_dim":6,"obs_size":6,"hidden_size":8,"state_size":3,"num_layers":2,"num_heads":2,"num_meta_tokens":1}"#
    ),
  ]

  /// What a configuration gives: an architecture with notes, or a message.
  private enum Outcome: Equatable {
    case model(Architecture, notes: [String])
    case refusal(String)
  }

  private func members(_ json: String) throws -> [String: JSONValue] {
    guard case .object(let members) = try JSONValue(parsing: Array(json.utf8)) else { return [:] }
    return members
  }

  private func outcome(_ base: String, _ key: String? = nil, _ value: JSONValue = .null) throws
    -> Outcome
  {
    var members = try members(base)
    if let key { members[key] = value }
    let text = members.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ",")
    do {
      let configuration = try Configuration(
        ConfigurationDocument(origin: "config.json", text: "{\(text)}"))
      return .model(try configuration.architecture(), notes: configuration.notes)
    } catch { return .refusal("\(error)") }
  }

  @Test(
    "an option that is read makes another model, or is refused by its name", arguments: families)
  func read(_ family: Case) throws {
    let others = try members(family.others)
    // The type of model decides which table there is.
    #expect(Set(others.keys) == family.keys.read.subtracting(["model_type"]))
    let plain = try outcome(family.base)
    guard case .model(_, []) = plain else {
      Issue.record("\(plain)")
      return
    }
    for (key, value) in others {
      let changed = try outcome(family.base, key, value)
      #expect(changed != plain, "\(key)")
      if case .refusal(let message) = changed, key != "arch" {
        #expect(message.contains(key), "\(message)")
      }
    }
  }

  @Test(
    "an option that is not computed is refused by its name unless it is neutral",
    arguments: families)
  func neutral(_ family: Case) throws {
    let plain = try outcome(family.base)
    for (key, neutral) in family.keys.neutral {
      for value in neutral.values + [.null] {
        #expect(try outcome(family.base, key, value) == plain, "\(key)")
      }
      guard case .refusal(let message) = try outcome(family.base, key, .string("another")) else {
        Issue.record("\(key) is not refused")
        continue
      }
      #expect(message.hasPrefix("\(key) is “another”; expected "), "\(message)")
      #expect(message.hasSuffix(neutral.reason), "\(message)")
    }
  }

  @Test("an option without effect changes nothing, whatever it is", arguments: families)
  func withoutEffect(_ family: Case) throws {
    let plain = try outcome(family.base)
    for key in family.keys.withoutEffect {
      #expect(try outcome(family.base, key, .string("anything")) == plain, "\(key)")
      #expect(!family.keys.read.contains(key) && family.keys.neutral[key] == nil, "\(key)")
    }
  }

  @Test("an option has one row", arguments: families)
  func once(_ family: Case) {
    let names = family.keys.options.flatMap(\.names)
    #expect(names.filter { name in names.count { $0 == name } > 1 } == [])
  }

  @Test("every family is in a case of these tests, or is the Architecture itself")
  func all() {
    #expect(Families.all.count == Self.families.count + 1)
  }

  @Test("an option that no table knows is named in a note", arguments: families)
  func unknown(_ family: Case) throws {
    guard case .model(_, let notes) = try outcome(family.base, "novel_option", .integer(1)) else {
      Issue.record("refused")
      return
    }
    #expect(
      notes == [
        "config.json has “novel_option”, which is not known here: if the original computes something else by it, what is computed here is another model"
      ])
  }

  @Test("what messages call a field is an option of the table", arguments: families)
  func names(_ family: Case) {
    for words in family.keys.fieldNames {
      for word in words.split(whereSeparator: { " */+()".contains($0) }) {
        #expect(Int(word) != nil || family.keys.read.contains(String(word)), "\(words)")
      }
    }
  }

  @Test("every option of transformers' classes has a line", arguments: [4, 5])
  func classes(_ version: Int) throws {
    let path = Fixture.path("options", "keys-tf\(version).json")
    let keys = try JSONDecoder().decode(
      [String: [String]].self, from: Data(InputFile.contents(of: path, limit: 1 << 16)))
    // Version 4 has no Nemotron-H.
    #expect(keys.count == version + 5)
    for (name, keys) in keys {
      let table = try #require(Self.families.first { $0.name == name }).keys
      #expect(keys.filter { table[$0] == nil } == [], "\(name)")
    }
  }

  @Test("every option of a file that an original wrote has a line")
  func files() throws {
    var count = 0
    for folder in ["", "options", "recomputed"] {
      for set in try FileSystem.entries(of: Fixture.path(folder, "")).sorted() {
        let path = Fixture.path(folder, set + "/config.json")
        guard FileSystem.exists(path) else { continue }
        let unknown = try Configuration(reading: path).notes.filter { $0.contains("not known here") }
        #expect(unknown == [], "\(set)")
        count += 1
      }
    }
    #expect(count > 50)
  }

  @Test(
    "values that are given though they follow, and whole numbers with a point, are the same model",
    arguments: [
      (
        #""attn_hidden_size":8,"kq_head_dim":4,"mamba_expand":2.0,"num_hidden_layers":2.0,"hidden_act":"swish","mamba_conv_bias":1,"memory_tokens_interspersed_every":-1,"attn_implementation_new":"sdpa""#,
        0
      ), (#""attn_hidden_size":0,"kq_head_dim":-1,"mamba_dt_rank":1.0,"mamba_proj_bias":null"#, 0),
      (#""hidden_act":"swish","head_dim":4,"num_local_experts":4,"attn_layer_period":2.0"#, 1),
      (
        #""layers_block_type":["attention","mamba","attention","mamba"],"layer_types":["full_attention","linear_attention","full_attention","linear_attention"],"layers_num_experts":[1,4,1,4]"#,
        1
      ),
      (#""attention_hidden_size":16,"attention_head_dim":8,"head_dim":8,"hidden_mamba_act":"swish""#, 2),
      (
        #""layers_block_type":["linear_attention","mamba","hybrid","hybrid","linear_attention","mamba","hybrid"]"#,
        2
      ),
    ])
  func same(_ options: String, _ family: Int) throws {
    let base = Self.families[family].base
    let both = try members(base).merging(members("{\(options)}")) { $1 }
    #expect(try outcome(JSONValue.object(both).text) == outcome(base))
  }
}

extension OptionTable {
  fileprivate var read: Set<String> {
    Set(options.flatMap { option -> [String] in if case .read = option.use { option.names } else { [] } })
  }

  fileprivate var neutral: [String: (values: [JSONValue], reason: String)] {
    var found: [String: (values: [JSONValue], reason: String)] = [:]
    for option in options {
      if case .neutral(let values, let reason) = option.use { found[option.name] = (values, reason) }
    }
    return found
  }

  fileprivate var withoutEffect: [String] {
    options.compactMap { if case .withoutEffect = $0.use { $0.name } else { nil } }
  }
}

extension JSONValue {
  /// As JSON text.
  fileprivate var text: String {
    switch self {
    case .string(let value): "\"\(value)\""
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ",") + "}"
    default: summary
    }
  }
}
