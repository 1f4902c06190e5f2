import HymbaFormat
import HymbaModel

extension OptionValues {
  /// Whether the file says that the model has no output head: every name in `architectures` ends in `Model`.
  var isBaseModel: Bool {
    guard case .array(let names)? = self["architectures"], !names.isEmpty else { return false }
    return names.allSatisfy {
      if case .string(let name) = $0 { name.hasSuffix("Model") } else { false }
    }
  }

  /// What the model returns: hidden states, or logits with or without a tied embedding.
  /// - Parameter hasHead: Whether the tensors have an output head; nil where they do not tell, so that the file
  ///   decides.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where `tie_word_embeddings` is no flag.
  func output(hasHead: Bool?) throws(ConversionError) -> Architecture.Output {
    guard hasHead ?? !isBaseModel else { return .hiddenStates }
    return try flag("tie_word_embeddings") ? .tiedLogits : .logits
  }

  /// The norm of models whose norms are all RMS norms, with `rms_norm_eps`.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where `rms_norm_eps` is no number.
  func rmsNorm() throws(ConversionError) -> Architecture.Norm {
    .init(kind: .rmsNorm, epsilon: try number("rms_norm_eps"))
  }

  /// The rank of the time step, `mamba_dt_rank`. Its default `"auto"` is `hiddenSize` / 16, rounded up.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is neither `"auto"` nor a whole
  ///   number.
  func timeStepRank(hiddenSize: Int) throws(ConversionError) -> Int {
    let automatic = hiddenSize / 16 + (hiddenSize % 16 > 0 ? 1 : 0)
    if self["mamba_dt_rank"] == .string("auto") { return automatic }
    return try whole("mamba_dt_rank", otherwise: automatic)
  }

  /// The projections of a Mamba that have a bias, sorted by their names. The projection of the time step always
  /// has one.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an option that is no flag.
  func mambaBiases() throws(ConversionError) -> [Architecture.Mamba.Projection] {
    var biases: [Architecture.Mamba.Projection] = [.timeStep]
    if try flag("mamba_conv_bias") { biases.append(.convolution) }
    if try flag("mamba_proj_bias") { biases += [.input, .output] }
    return biases.sorted { $0.rawValue < $1.rawValue }
  }
}
