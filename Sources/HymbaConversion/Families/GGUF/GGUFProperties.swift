import HymbaCheckpoints
import HymbaModel

/// The keys of a GGUF file that describe a model, as llama.cpp reads them.
struct GGUFProperties {
  let architecture: String
  private(set) var entries: [GGUFEntry] = []

  init(_ architecture: String) { self.architecture = architecture }

  private func key(_ property: String) -> String { "\(architecture).\(property)" }

  /// Adds a whole number. Every size of an architecture fits 32 bits.
  mutating func whole(_ property: String, _ value: Int?) {
    guard let value, let number = UInt32(exactly: value) else { return }
    entries.append(GGUFEntry(key(property), number))
  }

  mutating func number(_ property: String, _ value: Double?) {
    guard let value else { return }
    entries.append(GGUFEntry(key(property), Float(value)))
  }

  mutating func flag(_ property: String, _ value: Bool) {
    entries.append(GGUFEntry(key(property), value))
  }

  mutating func wholes(_ property: String, _ values: [Int]) {
    entries.append(GGUFEntry(key(property), values.map { Int32(clamping: $0) }))
  }
}

extension GGUFProperties {
  /// Adds the sizes that every model has.
  ///
  /// - Parameter contextLength: The longest sequence that the original was made for. It changes no result.
  mutating func sizes(_ model: DescribedModel, contextLength: Int) {
    whole("block_count", model.architecture.layers.count)
    whole("context_length", contextLength)
    whole("embedding_length", model.architecture.hiddenSize)
    whole("vocab_size", model.architecture.input.size)
  }

  /// Adds the heads of attention: the key/value heads of each layer, 0 where it has no attention.
  mutating func heads(_ model: DescribedModel, perLayer: Bool = true) {
    whole("attention.head_count", model.attention?.heads ?? 0)
    if perLayer {
      wholes(
        "attention.head_count_kv", model.architecture.layers.map { $0.attention?.keyValueHeads ?? 0 })
    } else {
      whole("attention.head_count_kv", model.attention?.keyValueHeads)
    }
  }

  /// Adds the sizes of the heads, which llama.cpp else takes from the width and the number of heads.
  mutating func headSizes(_ model: DescribedModel) {
    whole("attention.key_length", model.attention?.keyHeadSize)
    whole("attention.value_length", model.attention?.valueHeadSize)
  }

  mutating func mamba(_ model: DescribedModel) {
    guard let mamba = model.mamba else { return }
    whole("ssm.conv_kernel", mamba.convWidth)
    whole("ssm.inner_size", mamba.innerSize)
    whole("ssm.state_size", mamba.stateSize)
    whole("ssm.time_step_rank", mamba.rank)
  }

  /// Adds the sizes of Mamba-2. The key of the rank has the number of heads.
  mutating func mamba2(_ model: DescribedModel) {
    guard let mamba = model.mamba2 else { return }
    whole("ssm.conv_kernel", mamba.convWidth)
    whole("ssm.inner_size", mamba.innerSize)
    whole("ssm.state_size", mamba.stateSize)
    whole("ssm.time_step_rank", mamba.heads)
    whole("ssm.group_count", mamba.groups)
  }
}
