import ArgumentParser
import HymbaModel

/// The options for the size of a model that Edifice builds.
struct BuildSize: ParsableArguments {
  enum MetaTokens: String, ExpressibleByArgument, CaseIterable {
    /// Each layer has keys and values of its own.
    case perLayer = "per-layer"
    /// The tokens are in front of the sequence and pass through all layers.
    case prepended
  }

  @Option(parsing: .unconditional, help: "Size of the input vectors.")
  var embedDim: Int?

  @Option(
    parsing: .unconditional,
    help: "Width of the residual stream. (default: \(HymbaBuildOptions.defaultHiddenSize))")
  var hiddenSize: Int?

  @Option(
    parsing: .unconditional,
    help: "Size of the state of each channel. (default: \(HymbaBuildOptions.defaultStateSize))")
  var stateSize: Int?

  @Option(
    parsing: .unconditional,
    help: "Number of layers. (default: \(HymbaBuildOptions.defaultLayerCount))")
  var numLayers: Int?

  @Option(
    parsing: .unconditional,
    help: "Number of attention heads. (default: \(HymbaBuildOptions.defaultHeadCount))")
  var numHeads: Int?

  @Option(
    parsing: .unconditional,
    help: "Number of meta tokens. (default: \(HymbaBuildOptions.defaultMetaTokenCount))")
  var numMetaTokens: Int?

  @Option(
    help:
      "Where the meta tokens are: per-layer keys and values, which is the default, or prepended to the sequence."
  )
  var metaTokens: MetaTokens?

  /// The names of the given options, as they are typed.
  var given: [String] {
    let options: [(String, Any?)] = [
      ("--embed-dim", embedDim), ("--hidden-size", hiddenSize), ("--state-size", stateSize),
      ("--num-layers", numLayers), ("--num-heads", numHeads),
      ("--num-meta-tokens", numMetaTokens), ("--meta-tokens", metaTokens),
    ]
    return options.filter { $0.1 != nil }.map(\.0)
  }

  /// The architecture of these sizes, with Edifice's defaults for options that are not given.
  ///
  /// - Throws: `ValidationError` that names the options as they are typed.
  func architecture() throws -> Architecture {
    guard let embedDim else {
      throw ValidationError("Give --embed-dim, or a configuration with --config.")
    }
    var options = HymbaBuildOptions(
      embedDim: embedDim, metaTokensArePrepended: metaTokens == .prepended)
    options.hiddenSize = hiddenSize ?? options.hiddenSize
    options.stateSize = stateSize ?? options.stateSize
    options.numLayers = numLayers ?? options.numLayers
    options.numHeads = numHeads ?? options.numHeads
    options.numMetaTokens = numMetaTokens ?? options.numMetaTokens
    guard options.numHeads < 1 || options.hiddenSize % options.numHeads == 0 else {
      throw ValidationError(
        "--num-heads is \(options.numHeads) and --hidden-size is \(options.hiddenSize); expected a multiple of the heads.")
    }
    do {
      return try Architecture.hymba(options)
    } catch {
      guard case .option(let name, let found, let expected) = error else { throw error }
      let option = String(name.map { $0 == "_" ? "-" : $0 })
      throw ValidationError("--\(option) is \(found); expected \(expected).")
    }
  }
}
