package import HymbaFormat

extension Architecture.Mamba: Component {
  package func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    let (prefix, part) = (place.prefix, place.part ?? .mamba)
    func addLinear(_ projection: Projection, _ shape: [Int]) throws(FormatError) {
      try inventory.addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: biases.contains(projection), part)
    }
    try addLinear(.input, [2 * innerSize, place.inputWidth])
    try inventory.add("\(prefix).conv1d.weight", [innerSize, convWidth], part)
    if biases.contains(.convolution) {
      try inventory.add("\(prefix).conv1d.bias", [innerSize], part)
    }
    // For each head, the rows are dt, B and C, and the columns are the channels of that head.
    try addLinear(.selection, [heads * (rank + 2 * stateSize), innerSize / heads])
    try addLinear(.timeStep, [innerSize, rank])
    if place.hasOutput { try addLinear(.output, [place.hiddenSize, innerSize]) }
    if innerNorms == .weighted {
      try inventory.add("\(prefix).dt_norm.weight", [rank], part)
      try inventory.add("\(prefix).B_norm.weight", [stateSize], part)
      try inventory.add("\(prefix).C_norm.weight", [stateSize], part)
    }
    if decay == .learned { try inventory.add("\(prefix).A_log", [innerSize, stateSize], part) }
    if skip { try inventory.add("\(prefix).D", [innerSize], part) }
  }

  package var sizes: [String: Int] {
    [
      "inner": innerSize, "mamba_heads": heads, "mamba_head_size": innerSize / heads,
      "state": stateSize, "rank": rank, "width": convWidth,
    ]
  }

  /// The values of the convolution's history and of the scan's state.
  package var stateCount: Int { (convWidth - 1 + stateSize) * innerSize }

  /// The multiplications of the convolution's taps, and of dt * A, dt * x * B, decay * h and C * h in the scan.
  package var workPerToken: Int { innerSize * (convWidth + 4 * stateSize) }

  package var activationCount: Int { 6 * innerSize + 2 * heads * stateSize }

  package var summary: String {
    let size = heads == 1 ? "inner \(innerSize)" : "\(heads) heads of \(innerSize / heads)"
    let clip = timeStepClip.map { ", time step in [\($0.lower), \($0.upper)]" } ?? ""
    let function = activation.map { ", \($0.rawValue) instead of silu" } ?? ""
    let norms = innerNorms.ownEpsilon.map { ", dt, B and C normed without weights, epsilon \($0)" } ?? ""
    return "\(size), state \(stateSize), rank \(rank), conv \(convWidth)\(clip)\(norms)\(function)"
  }

  package func validate(_ path: String) throws(ModelError) {
    try Architecture.require("\(path).innerSize", innerSize)
    try Architecture.require("\(path).stateSize", stateSize)
    try Architecture.require("\(path).rank", rank)
    try Architecture.require("\(path).convWidth", convWidth)
    guard heads > 0, innerSize % heads == 0 else {
      throw .option(
        "\(path).heads", found: "\(heads)", expected: "a divisor of innerSize, \(innerSize)")
    }
    // Both factors are at most 2^25, so the product does not overflow.
    let states = innerSize * (convWidth + stateSize)
    guard states <= Architecture.largestStateCount else {
      throw .option(
        "\(path).innerSize * (convWidth + stateSize)", found: "\(states)",
        expected: "at most \(Architecture.largestStateCount)")
    }
    if let clip = timeStepClip {
      guard clip.lower >= 0, clip.upper > clip.lower, clip.upper.isFinite else {
        throw .option(
          "\(path).timeStepClip", found: "\(clip.lower) to \(clip.upper)",
          expected: "an interval of positive numbers")
      }
    }
    if let epsilon = innerNorms.ownEpsilon {
      guard epsilon >= 0, Float(epsilon).isFinite else {
        throw .option(
          "\(path).innerNorms.weightless.epsilon", found: "\(epsilon)", expected: "a number from 0 on")
      }
    }
  }
}
