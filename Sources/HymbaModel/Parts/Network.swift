import HymbaFormat

extension Architecture {
  /// One feed-forward network: `down(activation(up(x)))`, or with a gate `down(activation(gate(x)) * up(x))`.
  public struct Network: Hashable, Sendable, Codable {
    /// The width between the projections.
    public var intermediateSize: Int
    public var activation: Activation
    /// Whether one projection goes through the function and is multiplied with another projection.
    public var isGated: Bool
    /// Whether the projections have biases.
    public var hasBiases: Bool
    /// The factor of the gate before the function; nil stands for 1.
    public var gateMultiplier: Double?
    /// The factor of the result; nil stands for 1.
    public var outputMultiplier: Double?

    public init(
      intermediateSize: Int, activation: Activation, isGated: Bool, hasBiases: Bool = false,
      gateMultiplier: Double? = nil, outputMultiplier: Double? = nil
    ) {
      self.intermediateSize = intermediateSize
      self.activation = activation
      self.isGated = isGated
      self.hasBiases = hasBiases
      self.gateMultiplier = gateMultiplier
      self.outputMultiplier = outputMultiplier
    }

    /// The network for people: `SwiGLU, 64`.
    var summary: String {
      let name =
        switch (isGated, activation) {
        case (true, .silu): "SwiGLU"
        case (true, .gelu): "GeGLU"
        case (true, _): "gated by \(activation.rawValue)"
        case (false, .gelu): "GELU"
        case (false, .reluSquared): "squared ReLU"
        case (false, _): activation.rawValue
        }
      return name + ", \(intermediateSize)"
    }

    /// The number of learned numbers between inputs and outputs of this width.
    func parameterCount(width: Int) -> Int {
      (isGated ? 3 : 2) * intermediateSize * width
        + (hasBiases ? (isGated ? 2 : 1) * intermediateSize + width : 0)
    }

    func validate(_ path: String) throws(ModelError) {
      try Architecture.require("\(path).intermediateSize", intermediateSize)
      if !isGated, let factor = gateMultiplier {
        throw .option(
          "\(path).gateMultiplier", found: "\(factor)", expected: "none, as there is no gate")
      }
      try Architecture.requireFactors([
        ("\(path).gateMultiplier", gateMultiplier), ("\(path).outputMultiplier", outputMultiplier),
      ])
    }
  }
}

extension Architecture.Network {
  /// - Parameters:
  ///   - input: The width of the input; `output`: of the result.
  func addParameters(
    to inventory: inout InventoryBuilder, _ prefix: String, input: Int, output: Int,
    _ part: Parameter.Part
  ) throws(FormatError) {
    try inventory.addLinear("\(prefix).up_proj", [intermediateSize, input], bias: hasBiases, part)
    if isGated {
      try inventory.addLinear(
        "\(prefix).gate_proj", [intermediateSize, input], bias: hasBiases, part)
    }
    try inventory.addLinear(
      "\(prefix).down_proj", [output, intermediateSize], bias: hasBiases, part)
  }
}
