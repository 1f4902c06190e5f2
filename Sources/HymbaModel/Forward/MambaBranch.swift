import HymbaFormat

/// The Mamba branch of one layer.
struct MambaBranch: Sendable {
  private let shape: Architecture.Mamba
  private let inProjection: Linear
  private let convolution: CausalConvolution
  private let selection: Linear
  private let timeStep: Linear
  private let scan: SelectiveScan
  private let outProjection: Linear

  init(
    _ shape: Architecture.Mamba, _ prefix: String, hiddenSize: Int, _ reader: ParameterReader
  ) throws {
    func linear(
      _ projection: Architecture.Mamba.Projection, _ input: Int, _ output: Int
    ) throws -> Linear {
      try reader.linear(
        "\(prefix).\(projection.rawValue)", input, output, bias: shape.biases.contains(projection))
    }
    let (inner, states) = (shape.innerSize, shape.stateSize)
    self.shape = shape
    self.inProjection = try linear(.input, hiddenSize, 2 * inner)
    self.convolution = CausalConvolution(
      channels: inner, width: shape.convWidth,
      weight: try reader.floats("\(prefix).conv1d.weight", [inner, shape.convWidth]),
      bias: shape.biases.contains(.convolution)
        ? try reader.floats("\(prefix).conv1d.bias", [inner]) : nil)
    self.selection = try linear(.selection, inner, shape.rank + 2 * states)
    self.timeStep = try linear(.timeStep, shape.rank, inner)
    let decay: [Float] =
      switch shape.decay {
      case .fixed: (0..<inner).flatMap { _ in (1...states).map { -Float($0) } }
      }
    self.scan = SelectiveScan(
      channels: inner, states: states, a: decay,
      d: shape.skip ? try reader.floats("\(prefix).D", [inner]) : nil)
    self.outProjection = try linear(.output, inner, hiddenSize)
  }

  /// - Parameter n: [batch * length, hidden], normed
  /// - Returns: [batch * length, hidden]
  func callAsFunction(_ n: Matrix, batch: Int, length: Int) -> Matrix {
    let (inner, states, rank) = (shape.innerSize, shape.stateSize, shape.rank)
    let xz = inProjection(n)  // [rows, 2 * inner]
    let x = convolution(xz.columns(0..<inner), batch: batch, length: length)
      .mapped(Activation.silu)  // [rows, inner]
    let selected = selection(x)  // [rows, rank + 2 * states]
    let b = selected.columns(rank..<rank + states)
    let c = selected.columns(rank + states..<rank + 2 * states)
    let delta = clipped(timeStep(selected.columns(0..<rank)).mapped(Activation.softplus))
    let y = scan(
      x, delta: delta, inputDelta: inputDelta(delta), b: b, c: c, batch: batch, length: length)
    let gated = y.combined(with: xz.columns(inner..<2 * inner)) { $0 * Activation.silu($1) }
    return outProjection(gated)  // [rows, hidden]
  }

  private func clipped(_ delta: Matrix) -> Matrix {
    guard let clip = shape.timeStepClip else { return delta }
    let (lower, upper) = (Float(clip.lower), Float(clip.upper))
    return delta.mapped { min(max($0, lower), upper) }
  }

  /// Edifice discretises the input with the mean of the clipped steps over the channels
  /// (`Edifice.SSM.Common`), while the decay keeps each channel's own.
  private func inputDelta(_ delta: Matrix) -> [Float] {
    switch shape.inputTimeStep {
    case .channelMean:
      (0..<delta.rows).map { row in
        let values = delta.values[row * delta.columns..<(row + 1) * delta.columns]
        return Float(values.reduce(0.0) { $0 + Double($1) } / Double(delta.columns))
      }
    }
  }
}
