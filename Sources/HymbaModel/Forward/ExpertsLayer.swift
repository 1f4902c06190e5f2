import HymbaFormat

/// A mixture of experts (Jamba, arXiv 2403.19887, section 3). p = softmax(router · x) over all experts. Each
/// row goes through the `perToken` networks with the highest p. Their outputs are added, each multiplied by its
/// p, which is not renormalised over the chosen experts.
///
/// Rows are grouped by expert. The chosen experts are read one after another, each while the previous one
/// computes. So at most two are in memory, beside the resident ones.
struct ExpertsLayer: Sendable {
  private let kind: Architecture.FeedForward
  private let perToken: Int
  private let prefix: String
  private let hiddenSize: Int
  private let router: Linear  // [experts, hidden]
  /// The first experts, which stay in memory.
  private let resident: [FeedForwardNetwork]
  private let reader: ParameterReader

  /// The number of rows of one product. The last bits of a row's result depend on how many rows are multiplied
  /// with it. So all products of a pass have the same number of rows, whatever the router chooses for other
  /// rows. The number is small enough that the zeros which fill up a group cost less than reading the expert.
  private static let blockRows = 32

  /// Reads the router and the resident experts.
  ///
  /// - Parameter residentBytes: The most bytes of stored weights that resident experts may take.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    count: Int, perToken: Int, _ kind: Architecture.FeedForward, _ prefix: String,
    hiddenSize: Int, _ reader: ParameterReader, residentBytes: Int
  ) throws {
    self.kind = kind
    self.perToken = perToken
    self.prefix = prefix
    self.hiddenSize = hiddenSize
    self.router = try reader.linear("\(prefix).router", hiddenSize, count, bias: false)
    let bytes = Self.expertBytes(
      kind.intermediateSize ?? 0, prefix, hiddenSize: hiddenSize, reader.source)
    self.resident = try (0..<min(count, residentBytes / bytes)).map { expert in
      try FeedForwardNetwork(
        kind, "\(prefix).experts.\(expert)", hiddenSize: hiddenSize, reader)
    }
    // The layer itself may be read ahead. Its experts are read when they are chosen.
    self.reader = reader.immediate
  }

  /// The bytes of one expert's stored weights.
  static func expertBytes(
    _ size: Int, _ prefix: String, hiddenSize: Int, _ source: any CheckpointSource
  ) -> Int {
    let type = source.tensors["\(prefix).experts.0.up_proj.weight"]?.type ?? .float32
    return max(1, 3 * size * hiddenSize * type.byteSize)
  }

  /// Rows with the experts that they go through.
  struct Routed {
    let x: Matrix  // [rows, hidden], normalised
    let probabilities: Matrix  // [rows, experts]
    /// The rows of each expert, by expert.
    let rows: [Int: [Int]]
  }

  /// Lets the router choose the experts of each row.
  ///
  /// - Parameters:
  ///   - x: [rows, hidden], normalised
  ///   - chosen: The experts of the rows for which the router does not decide.
  func route(_ x: Matrix, chosen: ExpertSteering.Choices = [:]) -> Routed {
    var probabilities = router(x)
    let experts = probabilities.columns
    for row in 0..<x.rows {
      Kernels.softmax(&probabilities.values, row * experts..<(row + 1) * experts)
    }
    if let rounding = router.rounding { probabilities = rounding(probabilities) }
    var rows: [Int: [Int]] = [:]
    for row in 0..<x.rows {
      let experts =
        chosen[row] ?? ExpertChoice(probabilities.row(row), count: perToken).experts
      for expert in experts { rows[expert, default: []].append(row) }
    }
    return Routed(x: x, probabilities: probabilities, rows: rows)
  }

  /// The weighted sums of the experts' outputs.
  ///
  /// - Returns: [rows, hidden]
  /// - Throws: The errors of reading an expert.
  func callAsFunction(_ routed: Routed) throws -> Matrix { try self([routed])[0] }

  /// Sends the rows of several inputs through their experts. Each expert is read once.
  ///
  /// - Returns: [rows, hidden] for each input.
  /// - Throws: The errors of reading an expert.
  func callAsFunction(_ routed: [Routed]) throws -> [Matrix] {
    var sums = routed.map { Matrix(rows: $0.x.rows, columns: hiddenSize) }
    func apply(_ expert: Int, _ network: FeedForwardNetwork) {
      for (index, input) in routed.enumerated() {
        guard let rows = input.rows[expert] else { continue }
        let weights = input.probabilities.columns(expert..<expert + 1).values  // [rows]
        add(network, of: input.x, rows: rows, weights, to: &sums[index])
      }
    }
    let chosen = Set(routed.flatMap(\.rows.keys)).sorted()
    for expert in chosen where expert < resident.count { apply(expert, resident[expert]) }
    try reader.forEach(
      chosen.filter { $0 >= resident.count },
      make: { [kind, prefix, hiddenSize] expert, reader in
        try FeedForwardNetwork(
          kind, "\(prefix).experts.\(expert)", hiddenSize: hiddenSize, reader)
      }, apply)
    return sums
  }

  /// Adds the network's results for some rows of x to those rows of the sum, each multiplied by its weight.
  private func add(
    _ network: FeedForwardNetwork, of x: Matrix, rows: [Int], _ weights: [Float],
    to sum: inout Matrix
  ) {
    let count = min(x.rows, Self.blockRows)
    for start in stride(from: 0, to: rows.count, by: count) {
      let group = rows[start..<min(start + count, rows.count)]
      var part = Matrix(rows: count, columns: x.columns)
      for (index, row) in group.enumerated() {
        part.values.replaceSubrange(
          index * x.columns..<(index + 1) * x.columns, with: x.row(row))
      }
      let result = network(part)
      for (index, row) in group.enumerated() {
        for column in 0..<x.columns {
          sum.values[row * x.columns + column] +=
            weights[row] * result.values[index * x.columns + column]
        }
      }
    }
  }
}
