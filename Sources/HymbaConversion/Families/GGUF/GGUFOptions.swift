import HymbaFormat

/// The options of a `config.json` that the keys and tensors of a GGUF file give, with the key of each, for
/// messages.
struct GGUFOptions {
  let model: GGUFModel
  private(set) var values: [String: JSONValue] = [:]
  private(set) var keys: [String: String] = [:]
  private(set) var absent: [AbsentKey] = []

  /// A key that the file does not have, and in whose place a default is taken.
  struct AbsentKey {
    let option: String
    let key: String
    /// What llama.cpp takes; nil where it refuses such a file, so that the default of `config.json` is taken.
    let value: JSONValue?
  }

  /// - Parameters:
  ///   - type: The value of `model_type`.
  ///   - prefix: The beginning of the names of the model classes: `Jamba` in `JambaForCausalLM`.
  /// - Throws: ``ConversionError/option(_:found:expected:)``.
  init(_ model: GGUFModel, modelType type: String, classes prefix: String) throws(ConversionError) {
    self.model = model
    self["model_type"] = type
    self["architectures"] = ["\(prefix)ForCausalLM"]
    self["num_hidden_layers"] = try model.layerCount()
    keys["num_hidden_layers"] = model.key("block_count")
    try size("hidden_size", "embedding_length")
    // The embedding is the vocabulary: the list of tokens is padded by the converter.
    guard let rows = model.tensors["token_embd.weight"]?.shape.dimensions.first else {
      throw .ledger(LedgerProblems(missing: ["token_embd.weight"]))
    }
    self["vocab_size"] = rows
    self["tie_word_embeddings"] = model.tensors["output.weight"] == nil
    for (option, key) in [
      ("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding"),
    ] {
      values[option] = model.general("tokenizer.ggml.\(key)_token_id")
    }
  }

  subscript(option: String) -> (any OptionValue)? {
    get { values[option] }
    set { values[option] = newValue?.option }
  }

  /// Sets an option to a whole number from 1 on, which the key must give.
  mutating func size(_ option: String, _ property: String) throws(ConversionError) {
    self[option] = try model.size(property)
    keys[option] = model.key(property)
  }

  /// Sets an option to a number, where the key gives one.
  mutating func number(_ option: String, _ property: String) throws(ConversionError) {
    guard let number = try model.number(property) else { return }
    self[option] = number
    keys[option] = model.key(property)
  }

  /// Sets an option to a number: the key's, or else the one that llama.cpp takes, which is told.
  mutating func number(
    _ option: String, _ property: String, absent value: Double
  ) throws(ConversionError) {
    guard model[property] == nil else { return try number(option, property) }
    setAbsent(option, property, to: value)
  }

  /// Sets an option to a flag: the key's, or else the one that llama.cpp takes, which is told.
  mutating func flag(
    _ option: String, _ property: String, absent value: Bool
  ) throws(ConversionError) {
    guard let flag = try model.flag(property) else { return setAbsent(option, property, to: value) }
    self[option] = flag
    keys[option] = model.key(property)
  }

  private mutating func setAbsent(_ option: String, _ property: String, to value: any OptionValue) {
    self[option] = value
    absent.append(AbsentKey(option: option, key: model.key(property), value: value.option))
  }

  /// Sets the option of the base of rotary positions.
  mutating func rotaryBase() throws(ConversionError) { try number("rope_theta", "rope.freq_base", absent: 10000) }

  /// Sets the option of the epsilon of all norms, which llama.cpp needs.
  /// - Parameter properties: The keys that may give it. The last of them that the file has holds.
  mutating func epsilon(_ option: String, _ properties: String...) throws(ConversionError) {
    for property in properties { try number(option, property) }
    guard self[option] == nil else { return }
    absent.append(AbsentKey(option: option, key: model.key(properties[0]), value: nil))
  }

  /// Sets an option to whether some layer has a tensor.
  mutating func flag(_ option: String, ifSome tensor: String) throws(ConversionError) {
    self[option] = try model.hasInSomeLayer(tensor)
  }

  /// Sets the options of attention, of which `head_count_kv` has 0 for the layers that have none.
  /// - Returns: For each layer, whether it has attention.
  mutating func attention() throws(ConversionError) -> [Bool] {
    let keyValueHeads = try model.wholePerLayer("attention.head_count_kv")
    let counts = Set(keyValueHeads.filter { $0 > 0 })
    guard counts.count <= 1 else {
      throw .option(
        model.key("attention.head_count_kv"), found: "a list of \(counts.sorted())",
        expected: "one number for all layers with attention")
    }
    if let count = counts.first {
      try size("num_attention_heads", "attention.head_count")
      self["num_key_value_heads"] = count
      keys["num_key_value_heads"] = model.key("attention.head_count_kv")
      try headSize()
      try requireOneHeadSize()
    }
    return keyValueHeads.map { $0 > 0 }
  }

  /// Sets the size of a head: the key's, or else the rows of the queries divided by the number of heads.
  private mutating func headSize() throws(ConversionError) {
    if try model.optionalWhole("attention.key_length") != nil {
      return try size("head_dim", "attention.key_length")
    }
    let heads = try model.size("attention.head_count")
    guard let rows = try model.rows("attn_q.weight"), rows.isMultiple(of: heads) else { return }
    self["head_dim"] = rows / heads
    keys["head_dim"] = "the rows of attn_q.weight / \(model.key("attention.head_count"))"
  }

  /// Checks that values have the head size of queries and keys, as those of every model here have.
  private func requireOneHeadSize() throws(ConversionError) {
    guard let value = try model.optionalWhole("attention.value_length"),
      let size = values["head_dim"]?.wholeNumber, value != size
    else { return }
    throw .option(
      model.key("attention.value_length"), found: "\(value)",
      expected: "\(size), the size of a head of queries and keys (\(keys["head_dim"] ?? "head_dim"))")
  }

  /// Sets the options of Mamba-2 under the names that Falcon-H1, Bamba and Granite have in common.
  mutating func mamba2() throws(ConversionError) {
    try size("mamba_d_conv", "ssm.conv_kernel")
    try size("mamba_d_state", "ssm.state_size")
    try size("mamba_n_heads", "ssm.time_step_rank")
    try size("mamba_n_groups", "ssm.group_count")
    self["mamba_d_head"] = try headSizeOfMamba2()
    try flag("mamba_conv_bias", ifSome: "ssm_conv1d.bias")
    try flag("mamba_proj_bias", ifSome: "ssm_in.bias")
  }

  /// The inner size divided by the number of heads.
  func headSizeOfMamba2() throws(ConversionError) -> Int {
    let inner = try model.size("ssm.inner_size")
    let heads = try model.size("ssm.time_step_rank")
    guard inner.isMultiple(of: heads) else {
      throw .option(
        model.key("ssm.time_step_rank"), found: "\(heads)",
        expected: "a divisor of \(model.key("ssm.inner_size")), \(inner)")
    }
    return inner / heads
  }

  /// The inner size of the Mamba divided by the hidden size.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where it is no whole number.
  func wholeExpansion() throws(ConversionError) -> Int {
    let hidden = try model.size("embedding_length")
    let inner = try model.size("ssm.inner_size")
    guard inner.isMultiple(of: hidden) else {
      throw .option(
        model.key("ssm.inner_size"), found: "\(inner)",
        expected: "a multiple of \(model.key("embedding_length")), \(hidden)")
    }
    return inner / hidden
  }

  /// The inner size of the Mamba divided by the hidden size, which may be a fraction.
  func expansion() throws(ConversionError) -> any OptionValue {
    if let whole = try? wholeExpansion() { return whole }
    return Double(try model.size("ssm.inner_size")) / Double(try model.size("embedding_length"))
  }
}
