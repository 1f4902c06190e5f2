import HymbaFormat
import HymbaModel

/// Edifice's Hymba. Its configuration is its build options, in a `build_opts.json` or in the spec inside a
/// `.nx` file.
struct EdificeFamily: InferringFamily {
  let name = "edifice"
  let modelName = "Hymba"
  let modelTitle = "a Hymba of Edifice's"
  let title = "a configuration of Edifice"
  let configurationForm: String? = "Edifice's build options (embed_dim, hidden_size, …)"
  let configurationFile: String? = Self.fileName
  let file: OutputName.Ending? = .edifice
  var layouts: [[UInt8]] { [PackageResources.edifice_json] }
  let options = OptionTable.edifice

  static let fileName = "build_opts.json"

  let strangers = [
    CheckpointKind(
      marks: ["shared_attention_pre_norm.", "shared_attention_ffn1."],
      "a checkpoint of Edifice's own Zamba, a different, simplified network than Zamba, as its Mamba block is neither selective nor causal"
    ),
    CheckpointKind(
      marks: ["layer_1_mamba_in_proj.", "layer_1_backbone_", "layer_1_attn_ffn1."],
      "a checkpoint of Edifice's own Hybrid, a different, simplified network than Jamba, as its Mamba block is neither selective nor causal"
    ),
  ]

  func recognises(_ document: JSONValue) -> Bool {
    document["build_opts"] != nil || Self.embedKeys.contains { document[$0] != nil }
  }

  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) throws -> any FamilyConfiguration {
    WholeOptions(
      inferring: self, values: try Self.options(document), origin: origin,
      notes: options.notes(on: document["build_opts"] ?? document, origin: origin))
  }

  /// The names of the size of the input. A spec repeats the size under all of them.
  static let embedKeys = ["embed_dim", "input_size", "input_dim", "obs_size"]

  /// The options that the network depends on, all whole numbers. `dropout` acts in training only, and nothing
  /// in the network depends on `window_size` and `seq_len`.
  static let optionNames = [
    "embed_dim", "hidden_size", "state_size", "num_layers", "num_heads", "num_meta_tokens",
  ]
  var optionNames: [String] { Self.optionNames }

  let defaults = [
    "hidden_size": HymbaBuildOptions.defaultHiddenSize,
    "state_size": HymbaBuildOptions.defaultStateSize,
    "num_layers": HymbaBuildOptions.defaultLayerCount,
    "num_heads": HymbaBuildOptions.defaultHeadCount,
    "num_meta_tokens": HymbaBuildOptions.defaultMetaTokenCount,
  ]

  /// The number of heads: no tensor's shape tells into how many heads the width is divided.
  var untold: [String: Int] { ["num_heads": HymbaBuildOptions.defaultHeadCount] }

  func untoldOption(_ name: String, of architecture: Architecture) -> Int? {
    name == "num_heads" ? architecture.layers.first?.attention?.heads : nil
  }

  /// The options that a document gives. The size of the input is under `embed_dim`, whatever the document calls
  /// it.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no whole number, and for sizes
  ///   of the input that differ; ``ConversionError/otherArchitecture(_:)`` for another network of Edifice.
  static func options(_ document: JSONValue) throws(ConversionError) -> [String: Int] {
    if let arch = document["arch"], arch != .string("hymba") { throw foreign(arch.summary) }
    let values = document["build_opts"] ?? document
    var options: [String: Int] = [:]
    for name in optionNames.dropFirst() { options[name] = try whole(values, name) }
    for name in embedKeys {
      guard let size = try whole(values, name) else { continue }
      if let other = options["embed_dim"], other != size {
        throw .option(name, found: "\(size)", expected: "\(other), as another of \(embedKeys) says")
      }
      options["embed_dim"] = size
    }
    return options
  }

  /// The architecture that Edifice builds from these options, with its defaults for the options left out.
  func architecture(
    _ options: [String: Int], origin: String
  ) throws(ConversionError) -> Architecture {
    guard let embedDim = options["embed_dim"] else {
      throw .configurationUnknown("\(origin) has no embed_dim")
    }
    var build = HymbaBuildOptions(embedDim: embedDim)
    build.hiddenSize = options["hidden_size"] ?? build.hiddenSize
    build.stateSize = options["state_size"] ?? build.stateSize
    build.numLayers = options["num_layers"] ?? build.numLayers
    build.numHeads = options["num_heads"] ?? build.numHeads
    build.numMetaTokens = options["num_meta_tokens"] ?? build.numMetaTokens
    do {
      return try Architecture.hymba(build)
    } catch .option(let name, let found, let expected) {
      throw .option(name, found: found, expected: expected)
    } catch {
      throw .configurationUnknown("\(error)")
    }
  }

  private static func whole(
    _ document: JSONValue, _ name: String
  ) throws(ConversionError) -> Int? {
    switch document[name] {
    case nil, .null?: return nil
    case let value?:
      guard let whole = value.wholeNumber else {
        throw .option(
          name, found: value.summary, expected: "a whole number" + value.roomForWholeNumber)
      }
      return whole
    }
  }

  private static func foreign(_ arch: String) -> ConversionError {
    .otherArchitecture(arch)
  }
}
