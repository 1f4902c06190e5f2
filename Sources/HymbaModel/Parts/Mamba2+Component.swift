package import HymbaFormat

extension Architecture.Mamba2: Component {
  package func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    let (prefix, part) = (place.prefix, place.part ?? .mamba)
    try inventory.addLinear(
      "\(prefix).in_proj", [projectionWidth, place.inputWidth], bias: biases.contains(.input), part)
    try inventory.add("\(prefix).conv1d.weight", [convolutionWidth, convWidth], part)
    if biases.contains(.convolution) {
      try inventory.add("\(prefix).conv1d.bias", [convolutionWidth], part)
    }
    for name in ["dt_bias", "A_log", "D"] { try inventory.add("\(prefix).\(name)", [heads], part) }
    if gatedNorm != nil { try inventory.add("\(prefix).norm.weight", [innerSize], part) }
    if place.hasOutput {
      try inventory.addLinear(
        "\(prefix).out_proj", [place.hiddenSize, innerSize], bias: biases.contains(.output), part)
    }
  }

  package var sizes: [String: Int] {
    [
      "inner": innerSize, "mamba_heads": heads, "mamba_head_size": headSize, "groups": groups,
      "group_inner": innerSize / max(1, groups), "state": stateSize, "width": convWidth,
    ]
  }

  /// The values of the convolution's history and of the scan's state.
  package var stateCount: Int { (convWidth - 1) * convolutionWidth + innerSize * stateSize }

  /// The multiplications of the convolution's taps, and of dt * x * B, decay * S and C * S in the recurrence. The
  /// decay is one number for each head, so it does not count.
  package var workPerToken: Int { convolutionWidth * convWidth + 3 * innerSize * stateSize }

  package var activationCount: Int { 2 * projectionWidth + 3 * innerSize }

  package var summary: String {
    let shared = groups == 1 ? "" : " in \(groups) groups"
    let norm =
      switch gatedNorm?.order {
      case .afterGate: ", norm after the gate"
      case .beforeGate: ", norm before the gate"
      case nil: ""
      }
    let limits = timeStepLimits.map { limits in
      limits.upper.map { ", time step in [\(limits.lower), \($0)]" }
        ?? ", time step from \(limits.lower)"
    }
    return
      "\(heads) heads of \(headSize)\(shared), state \(stateSize), conv \(convWidth)\(norm)\(limits ?? "")"
  }

  package func validate(_ path: String) throws(ModelError) {
    try Architecture.require("\(path).heads", heads)
    try Architecture.require("\(path).headSize", headSize)
    try Architecture.require("\(path).heads * headSize", innerSize)
    try Architecture.require("\(path).stateSize", stateSize)
    try Architecture.require("\(path).convWidth", convWidth)
    guard groups > 0, heads % groups == 0 else {
      throw .option(
        "\(path).groups", found: "\(groups)", expected: "a divisor of the \(heads) heads")
    }
    // The factors are at most 2^24 each, so no product of two overflows.
    try Architecture.require("\(path).groups * stateSize", groups * stateSize)
    try Architecture.require("\(path).heads * headSize + 2 * groups * stateSize", convolutionWidth)
    guard stateCount <= Architecture.largestStateCount else {
      throw .option(
        "\(path).heads * headSize * stateSize", found: "\(innerSize * stateSize)",
        expected: "at most \(Architecture.largestStateCount) values of state")
    }
    if let norm = gatedNorm {
      guard norm.epsilon >= 0, Float(norm.epsilon).isFinite else {
        throw .option(
          "\(path).gatedNorm.epsilon", found: "\(norm.epsilon)", expected: "a number from 0 on")
      }
    }
    if let limits = timeStepLimits {
      guard limits.lower >= 0, limits.lower.isFinite, limits.upper.map({ $0 > limits.lower }) ?? true,
        limits.upper?.isFinite ?? true
      else {
        throw .option(
          "\(path).timeStepLimits",
          found: "\(limits.lower) to \(limits.upper.map { "\($0)" } ?? "no bound")",
          expected: "an interval of numbers from 0 on")
      }
    }
    guard multipliers != Multipliers() else {
      throw .option("\(path).multipliers", found: "none", expected: "no object where all are 1")
    }
    try Architecture.requireFactors([
      ("\(path).multipliers.input", multipliers?.input), ("\(path).multipliers.z", multipliers?.z),
      ("\(path).multipliers.x", multipliers?.x), ("\(path).multipliers.B", multipliers?.B),
      ("\(path).multipliers.C", multipliers?.C),
      ("\(path).multipliers.timeStep", multipliers?.timeStep),
      ("\(path).multipliers.output", multipliers?.output),
    ])
  }
}
