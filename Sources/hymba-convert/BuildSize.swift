import ArgumentParser
import HymbaModel

/// The size of a model that Edifice builds.
struct BuildSize: ParsableArguments {
  enum MetaTokens: String, ExpressibleByArgument, CaseIterable {
    /// Keys and values of each layer's own.
    case perLayer = "per-layer"
    /// In front of the sequence, through all layers.
    case prepended
  }

  @Option(parsing: .unconditional, help: "Size of the input vectors.")
  var embedDim: Int?

  @Option(parsing: .unconditional, help: "Width of the residual stream.")
  var hiddenSize = HymbaBuildOptions.defaultHiddenSize

  @Option(parsing: .unconditional, help: "Size of the state of each channel.")
  var stateSize = HymbaBuildOptions.defaultStateSize

  @Option(parsing: .unconditional, help: "Number of layers.")
  var numLayers = HymbaBuildOptions.defaultLayerCount

  @Option(parsing: .unconditional, help: "Number of attention heads.")
  var numHeads = HymbaBuildOptions.defaultHeadCount

  @Option(parsing: .unconditional, help: "Number of meta tokens.")
  var numMetaTokens = HymbaBuildOptions.defaultMetaTokenCount

  @Option(
    help: "Where the meta tokens are: per-layer keys and values, or prepended to the sequence.")
  var metaTokens = MetaTokens.perLayer

  /// - Throws: `ValidationError` that names the options as they are typed.
  func architecture() throws -> Architecture {
    guard let embedDim else {
      throw ValidationError("Give --embed-dim, or a configuration with --config.")
    }
    guard numHeads < 1 || hiddenSize % numHeads == 0 else {
      throw ValidationError(
        "--num-heads is \(numHeads) and --hidden-size is \(hiddenSize); expected a multiple of the heads.")
    }
    let options = HymbaBuildOptions(
      embedDim: embedDim, hiddenSize: hiddenSize, stateSize: stateSize, numLayers: numLayers,
      numHeads: numHeads, numMetaTokens: numMetaTokens,
      metaTokensArePrepended: metaTokens == .prepended)
    do {
      return try Architecture.hymba(options)
    } catch {
      guard case .option(let name, let found, let expected) = error else { throw error }
      let option = String(name.map { $0 == "_" ? "-" : $0 })
      throw ValidationError("--\(option) is \(found); expected \(expected).")
    }
  }
}
