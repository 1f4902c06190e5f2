import HymbaModel

extension MambaFamily: GGUFFamily {
  var ggufArchitectures: [String] { ["mamba"] }
  var untold: [UntoldOption] { [] }

  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions {
    guard try model.flag("ssm.dt_b_c_rms") != true else {
      throw .unsupported(
        "\(model.key("ssm.dt_b_c_rms")) is true, so this is a FalconMamba, which is another network; --layout verbatim keeps the tensors under their own names"
      )
    }
    var options = try GGUFOptions(model, modelType: "mamba", classes: "Mamba")
    try options.plainMamba()
    options["intermediate_size"] = try model.size("ssm.inner_size")
    try options.size("time_step_rank", "ssm.time_step_rank")
    return options
  }

  var ownProperties: Set<String> { ["ssm.dt_b_c_rms"] }

  func rules(_ options: GGUFOptions) -> [PropertyRule] { [] }

  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties {
    var properties = GGUFProperties("mamba")
    properties.plainMamba(model, contextLength: contextLength)
    properties.mamba(model)
    properties.flag("ssm.dt_b_c_rms", false)
    return properties
  }
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
  /// Adds the keys that the two plain Mambas have in common. llama.cpp asks for sizes of parts that they do not
  /// have.
  fileprivate mutating func plainMamba(_ model: DescribedModel, contextLength: Int) {
    sizes(model, contextLength: contextLength)
    whole("feed_forward_length", 0)
    whole("attention.head_count", 0)
    number("attention.layer_norm_rms_epsilon", model.architecture.norm.epsilon)
  }
}
