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

  /// The norm of models whose norms are all RMS norms.
  /// - Parameter name: The option with its epsilon.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where the option is no number.
  func rmsNorm(_ name: String = "rms_norm_eps") throws(ConversionError) -> Architecture.Norm {
    .init(kind: .rmsNorm, epsilon: try number(name))
  }

  /// The inner size of a Mamba: a factor times the hidden size, rounded down, where the original allows
  /// fractions in the factor.
  /// - Parameter name: The option with the factor.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where no model can have that size.
  func innerSize(_ name: String, hiddenSize: Int) throws(ConversionError) -> Int {
    let expand = try number(name)
    let inner = (expand * Double(hiddenSize)).rounded(.towardZero)
    guard inner >= 1, inner <= Double(Architecture.largestSize) else {
      throw .option(
        spelling(name), found: "\(self[name]?.summary ?? "\(expand)")",
        expected:
          "a factor with which hidden_size, \(hiddenSize), becomes a whole number from 1 to \(Architecture.largestSize)"
      )
    }
    return Int(inner)
  }

  /// The size of a head of attention: `head_dim`, or else the hidden size divided by the number of heads.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where it is neither given nor a whole number.
  func headSize(hiddenSize: Int, heads: Int) throws(ConversionError) -> Int {
    if let given = try optionalWhole("head_dim") { return given }
    guard hiddenSize % heads == 0 else {
      throw .option(
        "num_attention_heads", found: "\(heads)", expected: "a divisor of hidden_size, \(hiddenSize)")
    }
    return hiddenSize / heads
  }

  /// The projections of attention that have a bias: all with `attention_bias`, otherwise none.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where the option is no flag.
  func attentionBiases() throws(ConversionError) -> [Architecture.Attention.Projection] {
    try flag("attention_bias") ? Architecture.Attention.Projection.allCases : []
  }

  /// The rank of the time step. Its default `"auto"` is `hiddenSize` / 16, rounded up.
  /// - Parameter name: The option with the rank.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is neither `"auto"` nor a whole
  ///   number.
  func timeStepRank(
    _ name: String = "mamba_dt_rank", hiddenSize: Int
  ) throws(ConversionError) -> Int {
    let automatic = hiddenSize / 16 + (hiddenSize % 16 > 0 ? 1 : 0)
    if self[name] == .string("auto") { return automatic }
    return try whole(name, otherwise: automatic)
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
