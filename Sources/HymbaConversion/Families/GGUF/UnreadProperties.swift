import HymbaFormat

/// The keys of a GGUF file that the reading of its model leaves aside.
///
/// A key that changes what llama.cpp computes is refused, as the result without it would be that of another function.
/// What llama.cpp leaves aside for the architecture, too, is a note. The facts are those of llama.cpp of October 2026.
enum UnreadProperties {
  /// The properties that every reading uses, that the tensors tell too, or that change no result.
  private static let settled: Set<String> = [
    "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon", "attention.value_length", "block_count", "context_length", "embedding_length", "expert_count",
    "expert_feed_forward_length", "expert_shared_count", "expert_shared_feed_forward_length", "expert_used_count",
    "feed_forward_length", "nextn_predict_layers", "rope.dimension_count", "rope.freq_base",
    "rope.scaling.finetuned", "rope.scaling.original_context_length", "ssm.conv_kernel", "ssm.group_count",
    "ssm.inner_size", "ssm.state_size", "ssm.time_step_rank", "tensor_data_layout", "vocab_size",
  ]

  /// The properties by which llama.cpp makes an embedding of the hidden states.
  private static let ofEmbeddings: Set<String> = [
    "classifier.output_labels", "embedding_length_out", "pooling_type",
  ]

  /// The most keys that one note names.
  private static let namedKeys = 8

  /// Compares the keys with what the reading uses.
  /// - Returns: A sentence for all keys that are left aside alike.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a key that llama.cpp applies.
  static func notes(
    on model: GGUFModel, of family: any GGUFFamily, _ options: GGUFOptions
  ) throws(ConversionError) -> [String] {
    let rules = family.rules(options)
    var leftAside: [String] = []
    var ofEmbeddings: [String] = []
    for (property, value) in model.properties {
      let key = model.key(property)
      if let rule = rules.first(where: { $0.property == property }) {
        if rule.isNeutral(value) { continue }
        guard !rule.isApplied else { throw .option(key.printable, found: value.summary, expected: rule.expected) }
      } else if settled.contains(property) || family.ownProperties.contains(property) || isNothing(value, property) {
        continue
      }
      let named = "\(key.printable) (\(value.summary))"
      if Self.ofEmbeddings.contains(property) { ofEmbeddings.append(named) } else { leftAside.append(named) }
    }
    return [
      sentence(leftAside, "left aside, as llama.cpp does for this architecture"),
      sentence(ofEmbeddings, "left aside: embeddings of texts are not computed here"),
    ].compactMap(\.self)
  }

  private static func sentence(_ keys: [String], _ rest: String) -> String? {
    guard !keys.isEmpty else { return nil }
    let more = keys.count - namedKeys
    let named = keys.prefix(namedKeys) + (more > 0 ? ["\(more) more"] : [])
    return "\(Families.list(Array(named), "and")) \(keys.count == 1 ? "is" : "are") \(rest)"
  }

  /// Whether a value says that there is no such thing: 0, false, “none”, or a factor of 1.
  private static func isNothing(_ value: JSONValue, _ property: String) -> Bool {
    if value == .bool(false) || value == .string("none") { return true }
    let isFactor = ["scale", "factor"].contains(where: property.hasSuffix)
    return value.double.map { $0 == 0 || isFactor && $0 == 1 } ?? false
  }
}

/// What the value of a key has to be for the model to be the one that is computed.
struct PropertyRule {
  let property: String
  /// Whether llama.cpp computes something else where the value is another one.
  let isApplied: Bool
  /// The value in words, and why no other one is accepted.
  let expected: String
  let isNeutral: @Sendable (JSONValue) -> Bool

  init(
    _ property: String, isApplied: Bool = true, _ expected: String, _ isNeutral: @escaping @Sendable (JSONValue) -> Bool
  ) {
    (self.property, self.isApplied, self.expected, self.isNeutral) = (property, isApplied, expected, isNeutral)
  }

  /// A rule for a number.
  init(_ property: String, isApplied: Bool = true, _ neutral: [Double], _ why: String) {
    self.init(property, isApplied: isApplied, "\(neutral.last?.shortest ?? ""): \(why)") { value in
      value.double.map(neutral.contains) ?? false
    }
  }
}

extension [PropertyRule] {
  /// The rule of attention.
  static var attention: [PropertyRule] {
    [PropertyRule("attention.causal", "true: attention to later positions is not computed here") { $0 == .bool(true) }]
  }

  /// The rules of experts.
  /// - Parameter routers: The numbers of the router that is computed: 1 for a softmax, 2 for a sigmoid, 3 for a softmax
  ///   over the chosen ones.
  static func experts(routers: [Double]) -> [PropertyRule] {
    [
      PropertyRule("expert_group_count", [0, 1], "groups of experts are not computed here"),
      // llama.cpp takes the router of the architecture, whatever the key says.
      PropertyRule("expert_gating_func", isApplied: false, [0] + routers, ""),
    ]
  }

  /// The rules of rotary positions.
  /// - Parameter sizes: The numbers of rotated channels for which the computed function is the original's.
  static func positions(_ model: GGUFModel, sizes: [Int]) -> [PropertyRule] {
    let scaled = "positions that are scaled are not computed here"
    let isScaled = model["rope.scaling.type"] != .string("none")
    return [
      // llama.cpp takes positions for linear where the type is absent, and scales them by the factor alone.
      PropertyRule("rope.scaling.type", "“none”: \(scaled)") { $0 == .string("none") || $0 == .string("linear") },
      PropertyRule("rope.scaling.factor", isApplied: isScaled, [0, 1], scaled),
      PropertyRule("rope.scale_linear", isApplied: isScaled, [0, 1], scaled),
      PropertyRule("rope.scaling.attn_factor", [1], "scores that are scaled with the positions are not computed here"),
    ] + (sizes.isEmpty
      ? []
      : [PropertyRule("rope.dimension_count", sizes.map(Double.init), "the rotated channels of the original")])
  }
}

extension Double {
  /// The number in a message, a whole one without a point.
  fileprivate var shortest: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
