import HymbaFormat

/// A mixture of experts (Jamba, arXiv 2403.19887, section 3): each row goes through the `perToken` networks
/// with the highest probabilities, p = softmax(router · x) over all experts, and their outputs are added, each
/// times its p, which is not renormalised over the chosen ones.
///
/// Rows are grouped by expert, and the experts that some row chose are read one after another, the next one
/// while one computes: at most two are in memory, beside those that are kept there.
struct ExpertsLayer: Sendable {
  private let kind: Architecture.FeedForward
  private let perToken: Int
  private let prefix: String
  private let hiddenSize: Int
  private let router: Linear  // [experts, hidden]
  /// The first experts, which are kept in memory.
  private let resident: [FeedForwardNetwork]
  private let reader: ParameterReader

  /// Rows of one product. A row's last bits depend on how many rows are multiplied with it, so all products
  /// of a pass have the same number, whatever the router chooses for other rows; few enough that the zeros
  /// which fill a group up cost less than reading the expert.
  private static let blockRows = 32

  /// - Parameter residentBytes: Bytes of experts that are kept in memory, as they are stored.
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
    // The layer itself may be read ahead; experts are read when they are chosen.
    self.reader = reader.immediate
  }

  /// Bytes of one expert, as it is stored.
  static func expertBytes(
    _ size: Int, _ prefix: String, hiddenSize: Int, _ source: any CheckpointSource
  ) -> Int {
    let type = source.tensors["\(prefix).experts.0.up_proj.weight"]?.type ?? .float32
    return max(1, 3 * size * hiddenSize * type.byteSize)
  }

  /// Rows with the experts that they go through.
  struct Routed {
    let x: Matrix  // [rows, hidden], normed
    let probabilities: Matrix  // [rows, experts]
    /// By expert.
    let rows: [Int: [Int]]
  }

  /// - Parameters:
  ///   - x: [rows, hidden], normed
  ///   - chosen: The experts of some rows, where that is not left to the router.
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

  /// - Returns: [rows, hidden]
  /// - Throws: what reading an expert throws.
  func callAsFunction(_ routed: Routed) throws -> Matrix { try self([routed])[0] }

  /// Sends rows of several inputs through their experts, each of which is read once.
  ///
  /// - Returns: For each input, [rows, hidden].
  /// - Throws: what reading an expert throws.
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

  /// Adds what the network gives for some rows of x, each times its weight.
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
