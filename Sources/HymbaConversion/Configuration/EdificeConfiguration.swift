import HymbaFormat
import HymbaModel

/// Edifice's build options, as `build_opts.json` or as the spec inside a `.nx` file.
enum EdificeConfiguration {
  /// Whether the document is one.
  static func recognises(_ document: JSONValue) -> Bool {
    document["build_opts"] != nil || embedKeys.contains { document[$0] != nil }
  }

  /// A spec repeats the size of the input under all of these names.
  static let embedKeys = ["embed_dim", "input_size", "input_dim", "obs_size"]

  /// The whole-number options that the network depends on; `dropout` acts in training only, and nothing
  /// depends on `window_size` and `seq_len`.
  static let optionNames = [
    "embed_dim", "hidden_size", "state_size", "num_layers", "num_heads", "num_meta_tokens",
  ]

  /// The options that the document gives, `embed_dim` under that name.
  /// - Throws: ``ConversionError/option(_:found:expected:)``, or ``ConversionError/unsupported(_:)`` for
  ///   another of Edifice's architectures.
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

  /// The architecture that Edifice builds from these options, with its defaults for the others.
  static func architecture(
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
    .unsupported(
      "this is Edifice's \(arch), which is another network than Hymba; only Edifice's Hymba can be converted (any checkpoint can be kept with --layout verbatim)"
    )
  }
}
