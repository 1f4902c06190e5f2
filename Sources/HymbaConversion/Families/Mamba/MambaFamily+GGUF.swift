import HymbaModel

extension MambaFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["mamba"] }
  var untold: [UntoldOption] { [] }

  func recognises(_ model: GGUFModel) -> Bool { !FalconMambaFamily().recognises(model) }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    _ = try model.flag(GGUFModel.innerNormsKey)
    return try GGUFOptions(firstGeneration: model, modelType: "mamba", classes: "Mamba")
  }

  var ownProperties: Set<String> { [GGUFModel.innerNormsKey] }

  func rules(_ options: GGUFOptions) -> [PropertyRule] { [] }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    GGUFProperties(firstGeneration: model, contextLength: contextLength)
  }
}

extension FalconMambaFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["mamba"] }
  var untold: [UntoldOption] {
    [UntoldOption(name: "mixer_rms_eps", assumption: "the epsilon of the other norms")]
  }

  /// llama.cpp's converter writes a Falcon-Mamba as a Mamba whose dt, B and C have norms.
  func recognises(_ model: GGUFModel) -> Bool { (try? model.flag(GGUFModel.innerNormsKey)) == true }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(
      firstGeneration: model, modelType: "falcon_mamba", classes: "FalconMamba")
    try options.number("mixer_rms_eps", "attention.layer_norm_rms_epsilon")
    return options
  }

  var ownProperties: Set<String> { [GGUFModel.innerNormsKey] }

  func rules(_ options: GGUFOptions) -> [PropertyRule] { [] }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    GGUFProperties(firstGeneration: model, contextLength: contextLength)
  }
}

extension GGUFModel {
  /// The key that tells a Falcon-Mamba from a Mamba.
  fileprivate static let innerNormsKey = "ssm.dt_b_c_rms"
}

extension Mamba2Family: GGUFFamily {
  var ggufArchitectures: [String] { ["mamba2"] }
  var untold: [UntoldOption] { [.timeStepLimits] }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    var options = try GGUFOptions(model, modelType: "mamba2", classes: "Mamba2")
    try options.plainMamba()
    try options.size("num_heads", "ssm.time_step_rank")
    options["head_dim"] = try options.headSizeOfMamba2()
    try options.size("n_groups", "ssm.group_count")
    return options
  }

  func rules(_ options: GGUFOptions) -> [PropertyRule] { [] }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    var properties = GGUFProperties("mamba2")
    properties.plainMamba(model, contextLength: contextLength)
    properties.mamba2(model)
    return properties
  }
}

extension GGUFOptions {
  /// The options of a model of Mambas of the first generation.
  fileprivate init(
    firstGeneration model: GGUFModel, modelType: String, classes: String
  ) throws(ConversionError) {
    try self.init(model, modelType: modelType, classes: classes)
    try plainMamba()
    try size("intermediate_size", "ssm.inner_size")
    try size("time_step_rank", "ssm.time_step_rank")
  }

  /// Sets the options that the two plain Mambas have in common.
  fileprivate mutating func plainMamba() throws(ConversionError) {
    self["expand"] = try expansion()
    try size("state_size", "ssm.state_size")
    try size("conv_kernel", "ssm.conv_kernel")
    try epsilon("layer_norm_epsilon", "attention.layer_norm_rms_epsilon")
    try flag("use_bias", ifSome: "ssm_in.bias")
    try flag("use_conv_bias", ifSome: "ssm_conv1d.bias")
  }
}

extension GGUFProperties {
  /// The keys of a model of Mambas of the first generation.
  fileprivate init(firstGeneration model: DescribedModel, contextLength: Int) {
    self.init("mamba")
    plainMamba(model, contextLength: contextLength)
    mamba(model)
    flag(GGUFModel.innerNormsKey, model.mamba?.innerNorms.ownEpsilon != nil)
  }

  /// Adds the keys that the two plain Mambas have in common. llama.cpp asks for sizes of parts that they do not
  /// have.
  fileprivate mutating func plainMamba(_ model: DescribedModel, contextLength: Int) {
    sizes(model, contextLength: contextLength)
    whole("feed_forward_length", 0)
    whole("attention.head_count", 0)
    number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
  }
}
