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
}

extension GGUFOptions {
  /// Sets the options that the two plain Mambas have in common.
  fileprivate mutating func plainMamba() throws(ConversionError) {
    self["expand"] = try expansion()
    try size("state_size", "ssm.state_size")
    try size("conv_kernel", "ssm.conv_kernel")
    try number("layer_norm_epsilon", "attention.layer_norm_rms_epsilon")
    try flag("use_bias", ifSome: "ssm_in.bias")
    try flag("use_conv_bias", ifSome: "ssm_conv1d.bias")
  }
}
