import HymbaFormat

/// A mixture of experts (Jamba, arXiv 2403.19887, section 3; Nemotron-H and Granite 4 with their routers). The
/// router makes p of the scores of all experts, and each row goes through the `perToken` networks that
/// ``ExpertChooser`` chooses by p. Their outputs are added, each multiplied by its weight.
///
/// Rows are grouped by expert. The chosen experts are read one after another, each while the previous one
/// computes. So at most two are in memory, beside the resident ones.
struct ExpertsLayer: Sendable {
  private let mixture: Architecture.Mixture
  private let prefix: String
  private let hiddenSize: Int
  private let router: Linear  // [experts, hidden]
  private let chooser: ExpertChooser
  /// The projections around the experts; nil where they have the hidden size.
  private let latent: (into: Linear, outOf: Linear)?
  /// The network beside the experts.
  private let shared: FeedForwardNetwork?
  /// The factor of what the layer adds to the stream; nil for 1.
  private let residual: Float?
  /// The first experts, which stay in memory.
  private let resident: [FeedForwardNetwork]
  private let reader: ParameterReader

  /// The number of rows of one product. The last bits of a row's result depend on how many rows are multiplied
  /// with it. So all products of a pass have the same number of rows, whatever the router chooses for other
  /// rows. The number is small enough that the zeros which fill up a group cost less than reading the expert.
  private static let blockRows = 32

  /// Reads the router, what is beside the experts, and the resident experts.
  ///
  /// - Parameters:
  ///   - residual: The factor of what the layer adds to the stream; nil for 1.
  ///   - residentBytes: The most bytes of stored weights that resident experts may take.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ mixture: Architecture.Mixture, _ prefix: String, hiddenSize: Int, _ reader: ParameterReader,
    residual: Float?, residentBytes: Int
  ) throws {
    self.mixture = mixture
    self.prefix = prefix
    self.hiddenSize = hiddenSize
    self.router = try reader.linear("\(prefix).router", hiddenSize, mixture.count, bias: false)
    self.chooser = try ExpertChooser(mixture, prefix, reader)
    self.latent = try mixture.latentSize.map { size in
      (
        into: try reader.linear("\(prefix).latent_in", hiddenSize, size, bias: false),
        outOf: try reader.linear("\(prefix).latent_out", size, hiddenSize, bias: false)
      )
    }
    self.shared = try mixture.shared.map {
      try FeedForwardNetwork($0, "\(prefix).shared", size: hiddenSize, reader)
    }
    self.residual = residual
    let width = mixture.latentSize ?? hiddenSize
    let bytes = Self.expertBytes(mixture.expert, prefix, width: width, reader.source)
    self.resident = try (0..<min(mixture.count, residentBytes / bytes)).map { expert in
      try FeedForwardNetwork(mixture.expert, "\(prefix).experts.\(expert)", size: width, reader)
    }
    // The layer itself may be read ahead. Its experts are read when they are chosen.
    self.reader = reader.immediate
  }

  /// The bytes of one expert's stored weights.
  private static func expertBytes(
    _ expert: Architecture.Network, _ prefix: String, width: Int, _ source: any CheckpointSource
  ) -> Int {
    let type = source.tensors["\(prefix).experts.0.up_proj.weight"]?.type ?? .float32
    return max(1, expert.parameterCount(width: width) * type.byteSize)
  }

  /// Rows with the experts that they go through.
  struct Routed {
    let x: Matrix  // [rows, hidden], normalised
    let probabilities: Matrix  // [rows, experts]
    /// The rows of each expert with the expert's weight in each, by expert.
    let rows: [Int: [(row: Int, weight: Float)]]
  }

  /// Lets the router choose the experts of each row.
  ///
  /// - Parameters:
  ///   - x: [rows, hidden], normalised
  ///   - chosen: The experts of the rows for which the router does not decide.
  func route(_ x: Matrix, chosen: ExpertSteering.Choices = [:]) -> Routed {
    var probabilities: Matrix
    switch mixture.router.scores {
    case .sigmoid: probabilities = router(x, then: .sigmoid)
    case .softmax:
      probabilities = router(x)
      let experts = probabilities.columns
      for row in 0..<x.rows {
        Kernels.softmax(&probabilities.values, row * experts..<(row + 1) * experts)
      }
    }
    if let rounding = router.rounding { probabilities = rounding(probabilities) }
    var rows: [Int: [(row: Int, weight: Float)]] = [:]
    for row in 0..<x.rows {
      let own = probabilities.row(row)
      let experts = chosen[row] ?? chooser(own).experts
      for (expert, weight) in zip(experts, chooser.weights(of: experts, own)) {
        rows[expert, default: []].append((row, weight))
      }
    }
    return Routed(x: x, probabilities: probabilities, rows: rows)
  }

  /// What the layer adds to the stream: the weighted sums of the experts' outputs, and the output of the network
  /// beside them.
  ///
  /// - Returns: [rows, hidden]
  /// - Throws: The errors of reading an expert.
  func callAsFunction(_ routed: Routed) throws -> Matrix { try self([routed])[0] }

  /// Sends the rows of several inputs through their experts. Each expert is read once.
  ///
  /// - Returns: [rows, hidden] for each input.
  /// - Throws: The errors of reading an expert.
  func callAsFunction(_ routed: [Routed]) throws -> [Matrix] {
    let inputs = routed.map { input in latent.map { $0.into(input.x) } ?? input.x }
    let width = mixture.latentSize ?? hiddenSize
    var sums = inputs.map { Matrix(rows: $0.rows, columns: width) }
    func apply(_ expert: Int, _ network: FeedForwardNetwork) {
      for (index, input) in routed.enumerated() {
        guard let rows = input.rows[expert] else { continue }
        add(network, of: inputs[index], rows, to: &sums[index])
      }
    }
    let chosen = Set(routed.flatMap(\.rows.keys)).sorted()
    for expert in chosen where expert < resident.count { apply(expert, resident[expert]) }
    try reader.forEach(
      chosen.filter { $0 >= resident.count },
      make: { [mixture, prefix] expert, reader in
        try FeedForwardNetwork(
          mixture.expert, "\(prefix).experts.\(expert)", size: width, reader)
      }, apply)
    return zip(routed, sums).map { input, sum in
      let result = latent.map { $0.outOf(sum) } ?? sum
      return (shared.map { result + $0(input.x) } ?? result).scaled(by: residual)
    }
  }

  /// Adds the network's results for some rows of x to those rows of the sum, each multiplied by its weight.
  private func add(
    _ network: FeedForwardNetwork, of x: Matrix, _ rows: [(row: Int, weight: Float)],
    to sum: inout Matrix
  ) {
    let count = min(x.rows, Self.blockRows)
    for start in stride(from: 0, to: rows.count, by: count) {
      let group = rows[start..<min(start + count, rows.count)]
      var part = Matrix(rows: count, columns: x.columns)
      for (index, (row, _)) in group.enumerated() {
        part.values.replaceSubrange(
          index * x.columns..<(index + 1) * x.columns, with: x.row(row))
      }
      let result = network(part)
      for (index, (row, weight)) in group.enumerated() {
        for column in 0..<x.columns {
          sum.values[row * x.columns + column] +=
            weight * result.values[index * x.columns + column]
        }
      }
    }
  }
}

extension ExpertChooser {
  /// Reads the bias of the router, where it has one.
  ///
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(_ mixture: Architecture.Mixture, _ prefix: String, _ reader: ParameterReader) throws {
    self.init(
      perToken: mixture.perToken, mixture.router,
      bias: mixture.router.hasBias
        ? try reader.floats("\(prefix).router.bias", [mixture.count]) : nil)
  }
}

extension ForwardPass {
  /// The rule by which a layer chooses experts; nil for a layer without experts.
  ///
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  package func expertChooser(layer: Int) throws -> ExpertChooser? {
    try architecture.layers[layer].feedForward.mixture.map {
      try ExpertChooser($0, "layers.\(layer).ffn", reader)
    }
  }
}
