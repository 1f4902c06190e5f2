import HymbaFormat

/// One feed-forward network: `down(f(up(x)))`, or with a gate `down(f(gate(x)) * up(x))`, with the factors of its
/// description.
struct FeedForwardNetwork: Sendable {
  private let activation: Activation
  private let gate: Linear?
  private let up: Linear
  private let down: Linear
  private let gateScale: Float?
  private let outputScale: Float?

  /// Reads the weights.
  ///
  /// - Parameters:
  ///   - size: The width of the inputs and of the outputs.
  ///   - residual: The factor of what the network adds to the stream; nil for 1.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ shape: Architecture.Network, _ prefix: String, size: Int, _ reader: ParameterReader,
    residual: Float? = nil
  ) throws {
    func linear(_ name: String, _ input: Int, _ output: Int) throws -> Linear {
      try reader.linear("\(prefix).\(name)", input, output, bias: shape.hasBiases)
    }
    self.activation = shape.activation
    self.up = try linear("up_proj", size, shape.intermediateSize)
    self.gate = shape.isGated ? try linear("gate_proj", size, shape.intermediateSize) : nil
    self.down = try linear("down_proj", shape.intermediateSize, size)
    self.gateScale = shape.gateMultiplier.map { Float($0) }
    self.outputScale = Float.product(shape.outputMultiplier.map { Float($0) }, residual)
  }

  /// - Parameters:
  ///   - x: [rows, size]
  ///   - adapter: Adds to the gate and the up projection: [rows, 2 * intermediate], the gate's columns first.
  /// - Returns: [rows, size]
  func callAsFunction(_ x: Matrix, _ adapter: Adapter? = nil) -> Matrix {
    guard let gate else { return down(up(x, then: activation)).scaled(by: outputScale) }
    let opened: Matrix
    var raised: Matrix
    if adapter == nil, gateScale == nil {
      opened = gate(x, then: activation)
      raised = up(x)
    } else {
      var scores = gate(x)
      raised = up(x)
      if let added = adapter.map({ $0(x) }) {
        let width = scores.columns
        scores = scores + added.columns(0..<width)
        raised = raised + added.columns(width..<2 * width)
      }
      scores = scores.scaled(by: gateScale)
      opened = Matrix(rows: scores.rows, columns: scores.columns, values: activation(scores.values))
    }
    return down(opened.combined(with: raised, *)).scaled(by: outputScale)
  }
}

/// A low-rank projection, `up(down(x))`.
struct Adapter: Sendable {
  private let down: Linear
  private let up: Linear

  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ name: String, input: Int, rank: Int, output: Int, _ reader: ParameterReader
  ) throws {
    self.down = try reader.linear("\(name).down", input, rank, bias: false)
    self.up = try reader.linear("\(name).up", rank, output, bias: false)
  }

  func callAsFunction(_ x: Matrix) -> Matrix { up(down(x)) }
}

extension Float {
  /// The product of two factors, of which nil is 1.
  static func product(_ a: Float?, _ b: Float?) -> Float? {
    guard let a, let b else { return a ?? b }
    return a * b
  }
}
