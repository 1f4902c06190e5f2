import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// What a Mamba branch keeps from one position to the next.
struct MambaState: Sendable {
  var history: [Float]  // [batch, width - 1, inner]
  var scan: [Float]  // [batch, inner, states]

  /// The state of `count` sequences, each with the state of this one's single sequence.
  func repeated(_ count: Int) -> MambaState {
    func repeated(_ values: [Float]) -> [Float] { (0..<count).flatMap { _ in values } }
    return MambaState(history: repeated(history), scan: repeated(scan))
  }
}

/// The Mamba branch of one layer.
struct MambaBranch: Branch {
  private let shape: Architecture.Mamba
  private var activation: Activation { shape.activation ?? .silu }
  private let inProjection: Linear
  private let convolution: CausalConvolution
  private let selection: Linear
  private let timeStep: Linear
  private let scan: SelectiveScan
  private let timeStepNorm: RMSNorm?
  private let inputNorm: RMSNorm?
  private let outputNorm: RMSNorm?
  /// The output projection; nil where the fusion projects both branches.
  private let outProjection: Linear?
  /// The factor of the result.
  private let outputScale: Float?

  /// Reads the weights.
  ///
  /// - Parameter residual: The factor of what the branch adds to the stream; nil for 1.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ shape: Architecture.Mamba, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader, hasOutput: Bool, residual: Float?
  ) throws {
    let hiddenSize = architecture.hiddenSize
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
        ? try reader.floats("\(prefix).conv1d.bias", [inner]) : nil, jobs: reader.jobs)
    self.selection = try linear(
      .selection, inner / shape.heads, shape.heads * (shape.rank + 2 * states))
    self.timeStep = try linear(.timeStep, shape.rank, inner)
    func norm(_ name: String, _ size: Int) throws -> RMSNorm? {
      switch shape.innerNorms {
      case .none: nil
      case .weighted: try reader.rmsNorm("\(prefix).\(name)", size, epsilon: architecture.norm.epsilon)
      case .weightless(let epsilon):
        RMSNorm(weight: Array(repeating: 1, count: size), epsilon: Float(epsilon))
      }
    }
    self.timeStepNorm = try norm("dt_norm", shape.rank)
    self.inputNorm = try norm("B_norm", states)
    self.outputNorm = try norm("C_norm", states)
    let decay: [Float] =
      switch shape.decay {
      case .fixed: (0..<inner).flatMap { _ in (1...states).map { -Float($0) } }
      case .learned: try reader.floats("\(prefix).A_log", [inner, states]).map { -exp($0) }
      }
    self.scan = SelectiveScan(
      channels: inner, heads: shape.heads, states: states, a: decay,
      d: shape.skip ? try reader.floats("\(prefix).D", [inner]) : nil, jobs: reader.jobs)
    self.outputScale = residual
    self.outProjection = hasOutput ? try linear(.output, inner, hiddenSize) : nil
  }

  /// The state before the first position.
  private func emptyState(batch: Int) -> MambaState {
    MambaState(
      history: convolution.emptyHistory(batch: batch), scan: scan.emptyState(batch: batch))
  }

  func capture(layer: Int) -> Capture { .mamba(layer: layer) }

  /// Computes the branch for the next positions of a batch.
  ///
  /// - Parameter capture: Receives the gate by which the scan's result is multiplied, [batch * length, inner]:
  ///   silu(z), or another function of z.
  /// - Returns: [batch * length, hidden], or [batch * length, inner] without an output projection.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let (batch, length) = (state.batch, state.length)
    var own = state.layers[layer].mamba ?? emptyState(batch: batch)
    // The array gives up its reference, so that the state is changed in place and not copied.
    state.layers[layer].mamba = nil
    let inner = shape.innerSize
    let x = convolution(
      inProjection(n, 0..<inner), batch: batch, length: length, history: &own.history,
      then: activation)  // [rows, inner]
    let heads = (0..<shape.heads).map { select(x, head: $0) }
    let delta = clipped(.joined(heads.map(\.delta)))  // [rows, inner]
    let y = scan(
      x, delta: delta, inputDelta: inputDelta(delta), b: .joined(heads.map(\.b)),
      c: .joined(heads.map(\.c)), batch: batch, length: length, state: &own.scan)
    state.layers[layer].mamba = own
    let gate = inProjection(n, inner..<2 * inner, then: activation)
    try capture(.mambaGate(layer: layer), gate)
    let gated = y.combined(with: gate, *)
    return (outProjection.map { $0(gated) } ?? gated).scaled(by: outputScale)
  }

  /// The selection of one head: the time steps of its channels, [rows, inner / heads], and B and C for all of
  /// its channels, [rows, states].
  private func select(_ x: Matrix, head: Int) -> (delta: Matrix, b: Matrix, c: Matrix) {
    let (states, rank, width) = (shape.stateSize, shape.rank, shape.innerSize / shape.heads)
    let channels = head * width..<(head + 1) * width
    let size = rank + 2 * states
    let selected = selection(x.columns(channels), head * size..<(head + 1) * size)  // [rows, size]
    func normed(_ columns: Range<Int>, _ norm: RMSNorm?) -> Matrix {
      let part = selected.columns(columns)
      return norm.map { $0(part) } ?? part
    }
    return (
      timeStep(normed(0..<rank, timeStepNorm), channels, then: .softplus),
      normed(rank..<rank + states, inputNorm), normed(rank + states..<size, outputNorm)
    )
  }

  private func clipped(_ delta: Matrix) -> Matrix {
    guard let clip = shape.timeStepClip else { return delta }
    let (lower, upper) = (Float(clip.lower), Float(clip.upper))
    return delta.mapped { min(max($0, lower), upper) }
  }

  /// The time steps by which the input enters the state: [rows, inner], or [rows, 1] with one step for all
  /// channels.
  ///
  /// Edifice discretises the input with the mean of the clipped steps over the channels (`Edifice.SSM.Common`),
  /// while the decay keeps each channel's own step.
  private func inputDelta(_ delta: Matrix) -> Matrix {
    switch shape.inputTimeStep {
    case .own: return delta
    case .channelMean:
      let means = (0..<delta.rows).map { row in
        let values = delta.values[row * delta.columns..<(row + 1) * delta.columns]
        return Float(values.reduce(0.0) { $0 + Double($1) } / Double(delta.columns))
      }
      return Matrix(rows: delta.rows, columns: 1, values: means)
    }
  }
}
