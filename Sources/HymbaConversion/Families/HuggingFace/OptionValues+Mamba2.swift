import HymbaFormat
import HymbaModel

extension OptionValues {
  /// The Mamba-2 of a family that has the options of ``OptionTable/mamba2(extending:)``.
  ///
  /// - Parameters:
  ///   - inner: The inner size.
  ///   - innerName: The options that give the inner size, for messages.
  ///   - outputBias: The option that says whether the output projection has a bias.
  /// - Throws: ``ConversionError/option(_:found:expected:)``.
  func mamba2(
    innerSize inner: Int, from innerName: String, outputBias: String = "mamba_proj_bias",
    gatedNorm: Architecture.Mamba2.GatedNorm?,
    multipliers: Architecture.Mamba2.Multipliers = Architecture.Mamba2.Multipliers()
  ) throws(ConversionError) -> Architecture.Mamba2 {
    let heads = try size("mamba_n_heads")
    var headSize: Int?
    if self["mamba_d_head"] != .string("auto") { headSize = try optionalWhole("mamba_d_head") }
    return Architecture.Mamba2(
      heads: heads,
      headSize: try requireHeadSize(
        headSize, named: "mamba_d_head", heads: heads, named: "mamba_n_heads", innerSize: inner,
        from: innerName),
      groups: try whole("mamba_n_groups"), stateSize: try whole("mamba_d_state"),
      convWidth: try whole("mamba_d_conv"),
      biases: Architecture.Mamba2.Projection.biased(
        input: try flag("mamba_proj_bias"), convolution: try flag("mamba_conv_bias"),
        output: try flag(outputBias)),
      gatedNorm: gatedNorm, timeStepLimits: try timeStepLimits(),
      multipliers: multipliers == Architecture.Mamba2.Multipliers() ? nil : multipliers)
  }

  /// The size of a head of Mamba-2: the inner size divided by the number of heads.
  ///
  /// - Parameter given: The size in the document; nil where it has none.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` where the heads do not fill the inner size.
  func requireHeadSize(
    _ given: Int?, named name: String, heads: Int, named headsName: String, innerSize inner: Int,
    from innerName: String
  ) throws(ConversionError) -> Int {
    guard inner > 0, inner % heads == 0 else {
      throw .option(
        spelling(headsName), found: "\(heads)", expected: "a divisor of \(innerName), \(inner)")
    }
    guard let given, given != inner / heads else { return inner / heads }
    throw .option(
      spelling(name), found: "\(given)",
      expected: "\(innerName) / \(headsName), \(inner) / \(heads)")
  }

  /// The limits of the time step, a list of the lower and the upper one; nil where they limit nothing.
  ///
  /// - Parameter name: The option with the list.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no such list.
  func timeStepLimits(
    _ name: String = "time_step_limit"
  ) throws(ConversionError) -> Architecture.Mamba2.TimeStepLimits? {
    guard let value = self[name], value != .null else { return nil }
    func invalid(_ found: String) -> ConversionError {
      .option(
        spelling(name), found: found,
        expected: "a list of two numbers, the lower and the upper limit of the time step")
    }
    guard case .array(let elements) = value, elements.count == 2 else { throw invalid(value.summary) }
    guard let lower = elements[0].double, let upper = elements[1].double, !lower.isNaN, !upper.isNaN
    else { throw invalid("[\(elements[0].summary), \(elements[1].summary)]") }
    guard lower < upper else {
      throw .option(
        spelling(name), found: "[\(elements[0].summary), \(elements[1].summary)]",
        expected: "a lower limit that is below the upper one")
    }
    // A time step is positive, so a limit below 0 is none.
    let limits = Architecture.Mamba2.TimeStepLimits(
      lower: max(0, lower), upper: upper == .infinity ? nil : upper)
    return limits == .init(lower: 0, upper: nil) ? nil : limits
  }
}

extension Architecture.Mamba2.Projection {
  /// The projections with a bias, sorted by their names.
  static func biased(input: Bool, convolution: Bool, output: Bool) -> [Self] {
    (convolution ? [.convolution] : []) + (input ? [.input] : []) + (output ? [.output] : [])
  }
}
