import HymbaFormat
import HymbaModel

extension OptionValues {
  /// Whether the file says that the model has no head: all its `architectures` are called `…Model`.
  var isBaseModel: Bool {
    guard case .array(let names)? = self["architectures"], !names.isEmpty else { return false }
    return names.allSatisfy {
      if case .string(let name) = $0 { name.hasSuffix("Model") } else { false }
    }
  }

  /// What the model ends with.
  /// - Parameter hasHead: Whether there is a head, where the tensors tell; nil leaves it to the file.
  func output(hasHead: Bool?) throws(ConversionError) -> Architecture.Output {
    guard hasHead ?? !isBaseModel else { return .hiddenStates }
    return try flag("tie_word_embeddings") ? .tiedLogits : .logits
  }

  /// The norms of models that have RMS norms alone.
  func rmsNorm() throws(ConversionError) -> Architecture.Norm {
    .init(kind: .rmsNorm, epsilon: try number("rms_norm_eps"))
  }

  /// `mamba_dt_rank`, whose default `"auto"` is hidden / 16, rounded up.
  func timeStepRank(hiddenSize: Int) throws(ConversionError) -> Int {
    let automatic = hiddenSize / 16 + (hiddenSize % 16 > 0 ? 1 : 0)
    if self["mamba_dt_rank"] == .string("auto") { return automatic }
    return try whole("mamba_dt_rank", otherwise: automatic)
  }

  /// The biases of a Mamba that always has one for its time step.
  func mambaBiases() throws(ConversionError) -> [Architecture.Mamba.Projection] {
    var biases: [Architecture.Mamba.Projection] = [.timeStep]
    if try flag("mamba_conv_bias") { biases.append(.convolution) }
    if try flag("mamba_proj_bias") { biases += [.input, .output] }
    return biases.sorted { $0.rawValue < $1.rawValue }
  }
}
