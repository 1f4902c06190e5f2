import HymbaCheckpoints

/// The types of keys that llama.cpp asks for. It converts none, so that a right number of another type is refused.
extension LlamaCppAccount {
  private enum Expected: String {
    case uint32 = "u32"
    case float32 = "f32"
    case bool
    case string = "str"
    /// A number for all layers, or one for each.
    case perLayer = "u32, or an array of i32"

    func accepts(_ type: GGUFValueType, elements: GGUFValueType?) -> Bool {
      switch self {
      case .uint32: type == .uint32
      case .float32: type == .float32
      case .bool: type == .bool
      case .string: type == .text
      case .perLayer: type == .uint32 || type == .array && (elements == .uint32 || elements == .int32)
      }
    }
  }

  /// The properties that llama.cpp reads for every architecture.
  private static let common: [String: Expected] = [
    "attention.causal": .bool, "attention.head_count": .perLayer, "attention.head_count_kv": .perLayer,
    "attention.key_length": .uint32, "attention.key_length_swa": .uint32, "attention.value_length": .uint32,
    "attention.value_length_swa": .uint32, "block_count": .uint32, "context_length": .uint32,
    "embedding_length": .uint32, "embedding_length_out": .uint32, "expert_count": .uint32,
    "expert_group_count": .uint32, "expert_group_used_count": .uint32, "expert_used_count": .perLayer,
    "feed_forward_length": .perLayer, "nextn_predict_layers": .uint32, "pooling_type": .uint32,
    "rope.dimension_count": .uint32, "rope.dimension_count_swa": .uint32, "rope.freq_base": .float32,
    "rope.scaling.alpha": .float32, "rope.scaling.attn_factor": .float32, "rope.scaling.factor": .float32,
    "rope.scaling.finetuned": .bool, "rope.scaling.original_context_length": .uint32, "rope.scaling.type": .string,
    "ssm.conv_kernel": .uint32, "ssm.inner_size": .uint32, "ssm.state_size": .uint32, "ssm.time_step_rank": .uint32,
  ]

  /// The properties that llama.cpp reads for this architecture.
  private var own: [String: Expected] {
    var own: [String: Expected] = [:]
    let isNemotron = architecture.hasPrefix("nemotron")
    own["attention.layer_norm_rms_epsilon"] = .float32
    if isNemotron { own["attention.layer_norm_epsilon"] = .float32 }
    if !["jamba", "mamba"].contains(architecture) { own["ssm.group_count"] = .uint32 }
    if architecture == "mamba" { own["ssm.dt_b_c_rms"] = .bool }
    if architecture == "granitehybrid" {
      for factor in ["attention.scale", "embedding_scale", "logit_scale", "residual_scale"] { own[factor] = .float32 }
      own["expert_shared_feed_forward_length"] = .uint32
    }
    if isNemotron {
      own["expert_weights_norm"] = .bool
      own["expert_weights_scale"] = .float32
      own["expert_feed_forward_length"] = .perLayer
      for size in ["expert_shared_count", "expert_shared_feed_forward_length", "moe_latent_size"] {
        own[size] = .uint32
      }
    }
    return own
  }

  /// The keys of the tokenizer of which every file may have some.
  private static let ofTokenizer = ["bos", "eos", "padding", "unknown"].map { "tokenizer.ggml.\($0)_token_id" }

  mutating func addKeyTypes() {
    var expected = Self.common.merging(own) { $1 }.map { (key: key($0.key), type: $0.value) }
    expected += Self.ofTokenizer.map { ($0, .uint32) }
    for (key, expected) in expected.sorted(by: { $0.key < $1.key }) {
      guard let type = keys.type(of: key) else { continue }
      var elements: GGUFValueType?
      if case .array(let array)? = keys[key] { elements = array.type }
      guard !expected.accepts(type, elements: elements) else { continue }
      let found = elements.map { "an array of \($0.name)" } ?? type.name
      add(key, "is of the type \(found), and llama.cpp refuses the file: it expects \(expected.rawValue)")
    }
  }
}
