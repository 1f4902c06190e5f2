package import HymbaCheckpoints
package import HymbaFormat

/// What llama.cpp refuses in a GGUF file, or computes otherwise, though the model in it is right.
///
/// Most statements were seen by loading such a file with llama.cpp of October 2026, the others are from its source.
package struct LlamaCppAccount {
  /// One thing that llama.cpp refuses or computes otherwise.
  package struct Remark: Sendable {
    /// A key, a tensor, or several tensors whose names differ in numbers.
    package let subject: String
    /// A clause that begins after the subject, without a stop at its end.
    package let message: String
  }

  package private(set) var remarks: [Remark] = []

  let keys: GGUFKeys
  private let tensors: TensorTable
  private let storedType: (TensorDescriptor) -> String
  /// The value of `general.architecture`.
  let architecture: String

  /// The values of `general.architecture` of which something is known.
  private static let architectures = Families.gguf.flatMap(\.ggufArchitectures)
  /// The architectures of which llama.cpp takes the inner size to be twice the width.
  private static let twiceAsWide = ["granitehybrid", "jamba", "mamba"]

  /// - Parameters:
  ///   - tensors: The tensors under the names in the file, with shapes outermost first.
  ///   - storedType: The name of the type in which a tensor is stored.
  package init(
    _ keys: GGUFKeys, _ tensors: TensorTable, storedType: @escaping (TensorDescriptor) -> String
  ) {
    self.keys = keys
    self.tensors = tensors
    self.storedType = storedType
    guard case .text(let architecture)? = keys[GGUFModel.architectureKey],
      Self.architectures.contains(architecture)
    else {
      self.architecture = ""
      return
    }
    self.architecture = architecture
    addAbsentKeys()
    addKeyTypes()
    addTokenizer()
    addTypes()
    addSizes()
    addBiases()
    addLayers()
  }

  /// Whether the architecture is one of which something is known.
  package var knowsArchitecture: Bool { !architecture.isEmpty }

  /// Whether the file says that it has a tokenizer, or says nothing of it.
  package var hasTokenizer: Bool {
    guard case .text(let model)? = keys[Self.tokenizerKey] else { return true }
    return !Self.noTokenizer.contains(model)
  }

  /// A number of tokens that llama.cpp does not read, as the file has a tokenizer of another number; nil for none.
  package var vocabularySizeLeftAside: Remark? {
    guard hasTokenizer, let rows = tensors["token_embd.weight"]?.shape.dimensions.first,
      let size = number("vocab_size"), size != rows
    else { return nil }
    return Remark(
      subject: key("vocab_size"),
      message: "is \(size) while token_embd.weight has \(rows) rows, and llama.cpp takes the number of the tokens in its place")
  }

  private static let tokenizerKey = "tokenizer.ggml.model"
  /// The values of the key for a file without a tokenizer.
  private static let noTokenizer = ["no_vocab", "none"]

  mutating func add(_ subject: String, _ message: String) {
    remarks.append(Remark(subject: subject, message: message))
  }

  /// Adds a remark for tensors, those together that differ in the number of their layer alone.
  private mutating func add(_ names: [String], _ message: String) {
    for names in FoldedNames.fold(names) { add(names.text, (names.count == 1 ? "is " : "are ") + message) }
  }

  func key(_ property: String) -> String { "\(architecture).\(property)" }

  private func number(_ property: String) -> Int? { (try? keys.unsigned(key(property))).flatMap(\.self) }

  /// The names of the tensors that end so.
  private func names(_ suffix: String) -> [String] { tensors.map(\.name).filter { $0.hasSuffix(suffix) } }

  // MARK: Keys

  /// The properties of which llama.cpp refuses a file that leaves them out.
  private var needed: [String] {
    var needed = ["block_count", "context_length", "embedding_length"]
    needed += ["conv_kernel", "inner_size", "state_size", "time_step_rank"].map { "ssm." + $0 }
    if architecture.hasPrefix("nemotron") {
      needed.append("attention.layer_norm_epsilon")
    } else {
      needed.append("attention.layer_norm_rms_epsilon")
    }
    if !["jamba", "mamba"].contains(architecture) { needed.append("ssm.group_count") }
    if !architecture.hasPrefix("mamba") {
      needed += ["feed_forward_length", "attention.head_count", "attention.head_count_kv"]
    }
    if !names("_exps.weight").isEmpty { needed += ["expert_count", "expert_used_count"] }
    if !names("_shexp.weight").isEmpty { needed.append("expert_shared_feed_forward_length") }
    return needed
  }

  private mutating func addAbsentKeys() {
    for name in needed.map(key) where keys[name] == nil {
      add(name, "is absent, and llama.cpp refuses a file without it")
    }
  }

  // MARK: Vocabulary

  private mutating func addTokenizer() {
    guard case .text(let model)? = keys[Self.tokenizerKey] else {
      return add(Self.tokenizerKey, "is absent, and llama.cpp refuses a file that does not say “no_vocab” there")
    }
    let rows = tensors["token_embd.weight"]?.shape.dimensions.first
    guard hasTokenizer else {
      if let rows, number("vocab_size") != rows {
        let found = number("vocab_size").map { "is \($0)" } ?? "is absent"
        add(
          key("vocab_size"),
          "\(found) while token_embd.weight has \(rows) rows, and llama.cpp refuses such a file without a tokenizer")
      }
      return
    }
    guard case .array(let tokens)? = keys["tokenizer.ggml.tokens"] else {
      return add("tokenizer.ggml.tokens", "is absent, and llama.cpp refuses a file without it")
    }
    if let rows, tokens.count != rows {
      add(
        "tokenizer.ggml.tokens",
        "has \(tokens.count) tokens while token_embd.weight has \(rows) rows, and llama.cpp refuses such a file")
    }
    if model == "gpt2", keys["tokenizer.ggml.merges"] == nil {
      add("tokenizer.ggml.merges", "is absent, and llama.cpp refuses a tokenizer of the kind gpt2 without it")
    }
  }

  // MARK: Types

  /// Whether llama.cpp computes with a tensor in F32 alone.
  static func mustBeF32(_ tensor: TensorDescriptor) -> Bool {
    tensor.shape.dimensions.count < 2 || !tensor.name.hasSuffix(".weight")
      || ["_norm.weight", "ssm_conv1d.weight"].contains(where: tensor.name.hasSuffix)
  }

  /// The types for which llama.cpp has no product of matrices.
  private static let withoutProduct = ["F64", "Q8_K"]

  private mutating func addTypes() {
    var narrow: [String: [String]] = [:]
    var plain: [String: [String]] = [:]
    for tensor in tensors where tensor.type.isFloatingPoint {
      let type = storedType(tensor)
      if type == "F32" { continue }
      if Self.mustBeF32(tensor) {
        narrow[type, default: []].append(tensor.name)
      } else if Self.withoutProduct.contains(type) {
        plain[type, default: []].append(tensor.name)
      }
    }
    for (type, names) in narrow.sorted(by: { $0.key < $1.key }) {
      add(names, "stored as \(type), and llama.cpp stops at anything but F32 there")
    }
    for (type, names) in plain.sorted(by: { $0.key < $1.key }) {
      add(names, "stored as \(type), and llama.cpp has no product of such a matrix")
    }
  }

  // MARK: Sizes

  private mutating func addSizes() {
    guard let width = number("embedding_length") else { return }
    if Self.twiceAsWide.contains(architecture), let inner = number("ssm.inner_size"), inner != 2 * width {
      add(
        key("ssm.inner_size"),
        "is \(inner), and llama.cpp stops where it is not twice the width, \(2 * width)")
    }
    guard let heads = number("attention.head_count"), heads > 0,
      let query = tensors.first(where: { $0.name.hasSuffix(".attn_q.weight") }),
      let rows = query.shape.dimensions.first
    else { return }
    let taken = (number("attention.key_length") ?? width / heads) * heads
    if architecture != "jamba", rows != taken {
      add(
        names(".attn_q.weight"),
        "of \(rows) rows, and llama.cpp expects \(taken), as \(key("attention.key_length")) is \(number("attention.key_length").map { "\($0)" } ?? "absent")"
      )
    } else if architecture == "jamba", rows != width {
      add(names(".attn_q.weight"), "of \(rows) rows, and llama.cpp expects as many as the width, \(width)")
    }
    addRotary(rows / heads)
  }

  /// llama.cpp rotates neighbours, for which the converter arranges the rows of the whole head.
  private mutating func addRotary(_ headSize: Int) {
    guard architecture == "granitehybrid", let rotated = number("rope.dimension_count"), rotated < headSize,
      (try? keys.bool(key("rope.scaling.finetuned"))) == true
    else { return }
    add(
      key("rope.dimension_count"),
      "rotates \(rotated) of \(headSize) channels of a head, and llama.cpp takes other pairs of them than the original: its logits differ, and those that are computed here are the original's"
    )
  }

  // MARK: Biases

  private mutating func addBiases() {
    for part in ["ssm_in", "ssm_out"] {
      add(names(".\(part).bias"), "a bias for which llama.cpp has no place: it refuses a file with it")
    }
    let without = tensors.map(\.name).filter { name in
      guard let stem = name.utf8Rest(before: "ssm_conv1d.weight") else { return false }
      return tensors[stem + "ssm_conv1d.bias"] == nil
    }
    add(without, "without a bias of the convolution, and llama.cpp refuses such a file or crashes")
  }

  // MARK: Layers

  /// llama.cpp takes the kind of Nemotron-H's layers from two keys, which say the same of some networks as of Mamba.
  private mutating func addLayers() {
    guard architecture.hasPrefix("nemotron"),
      let lengths = try? keys.integers(key("feed_forward_length"), limit: tensors.count)
    else { return }
    let mistaken = lengths.indices.filter { lengths[$0] == 0 && tensors["blk.\($0).ffn_up.weight"] != nil }
    guard !mistaken.isEmpty else { return }
    let layers = (mistaken.count == 1 ? "layer " : "layers ") + mistaken.map(String.init).joined(separator: ", ")
    add(
      key("feed_forward_length"),
      "is 0 for \(layers) with a network, which llama.cpp takes for Mamba: it refuses the file")
  }
}
