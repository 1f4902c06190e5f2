import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// The Mamba-2 branch of one layer (arXiv 2405.21060, section 7; `Mamba2` of mamba-ssm).
struct Mamba2Branch: Branch {
  private let shape: Architecture.Mamba2
  private let inProjection: Linear
  private let convolution: CausalConvolution
  private let timeStepBias: [Float]  // [heads]
  private let scan: DualScan
  private let norm: GatedNorm?
  /// The output projection; nil where the fusion projects both branches.
  private let outProjection: Linear?
  /// The factor of the result.
  private let outputScale: Float?

  /// Reads the weights.
  ///
  /// - Parameter residual: The factor of what the branch adds to the stream; nil for 1.
  /// - Throws: As ``ParameterReader/floats(_:_:)``.
  init(
    _ shape: Architecture.Mamba2, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader, hasOutput: Bool, residual: Float?
  ) throws {
    let (hidden, inner, heads) = (architecture.hiddenSize, shape.innerSize, shape.heads)
    self.shape = shape
    self.inProjection = try reader.linear(
      "\(prefix).in_proj", hidden, shape.projectionWidth, bias: shape.biases.contains(.input))
    let channels = shape.convolutionWidth
    self.convolution = CausalConvolution(
      channels: channels, width: shape.convWidth,
      weight: try reader.floats("\(prefix).conv1d.weight", [channels, shape.convWidth]),
      bias: shape.biases.contains(.convolution)
        ? try reader.floats("\(prefix).conv1d.bias", [channels]) : nil, jobs: reader.jobs)
    self.timeStepBias = try reader.floats("\(prefix).dt_bias", [heads])
    self.scan = DualScan(
      heads: heads, headSize: shape.headSize, groups: shape.groups, states: shape.stateSize,
      a: try reader.floats("\(prefix).A_log", [heads]).map { -exp($0) },
      d: try reader.floats("\(prefix).D", [heads]), jobs: reader.jobs)
    self.norm = try shape.gatedNorm.map { norm in
      GatedNorm(
        weight: try reader.floats("\(prefix).norm.weight", [inner]),
        groups: reader.gatedNormGroups ?? shape.groups,
        epsilon: Float(norm.epsilon), isBeforeGate: norm.order == .beforeGate)
    }
    self.outProjection =
      hasOutput
      ? try reader.linear(
        "\(prefix).out_proj", inner, hidden, bias: shape.biases.contains(.output)) : nil
    self.outputScale = Float.product(shape.multipliers?.output.map { Float($0) }, residual)
  }

  func capture(layer: Int) -> Capture { .mamba(layer: layer) }

  /// Computes the branch for the next positions of a batch.
  ///
  /// - Parameter capture: Receives the gate by which the scan's result is multiplied, silu(z): [batch * length,
  ///   inner].
  /// - Returns: [batch * length, hidden], or [batch * length, inner] without an output projection.
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    let (batch, length) = (state.batch, state.length)
    let (inner, width) = (shape.innerSize, shape.convolutionWidth)
    let factors = shape.multipliers
    let n = n.scaled(by: factors?.input.map { Float($0) })
    var own =
      state.layers[layer].mamba
      ?? MambaState(
        history: convolution.emptyHistory(batch: batch), scan: scan.emptyState(batch: batch))
    // The array gives up its reference, so that the state is changed in place and not copied.
    state.layers[layer].mamba = nil
    let mixed = convolution(
      convolutionInput(n), batch: batch, length: length, history: &own.history, then: .silu)
    let shared = shape.groups * shape.stateSize
    let y = scan(
      mixed.columns(0..<inner), delta: timeSteps(n), b: mixed.columns(inner..<inner + shared),
      c: mixed.columns(inner + shared..<width), batch: batch, length: length, state: &own.scan)
    state.layers[layer].mamba = own
    let gate = self.gate(n)
    try capture(.mambaGate(layer: layer), gate)
    let gated = norm.map { $0(y, gate: gate) } ?? y.combined(with: gate, *)
    return (outProjection.map { $0(gated) } ?? gated).scaled(by: outputScale)
  }

  /// The projected x, B and C, [rows, convolutionWidth], each with its factor.
  private func convolutionInput(_ n: Matrix) -> Matrix {
    let (inner, shared) = (shape.innerSize, shape.groups * shape.stateSize)
    var projected = inProjection(n, inner..<inner + shape.convolutionWidth)
    guard let factors = shape.multipliers else { return projected }
    projected.scale(columns: 0..<inner, by: factors.x)
    projected.scale(columns: inner..<inner + shared, by: factors.B)
    projected.scale(columns: inner + shared..<inner + 2 * shared, by: factors.C)
    return projected
  }

  /// The time steps within their bounds, [rows, heads].
  private func timeSteps(_ n: Matrix) -> Matrix {
    let heads = shape.heads
    let first = shape.projectionWidth - heads
    var raw = inProjection(n, first..<first + heads)
      .scaled(by: shape.multipliers?.timeStep.map { Float($0) })
    for row in 0..<raw.rows {
      for head in 0..<heads { raw.values[row * heads + head] += timeStepBias[head] }
    }
    let steps = Matrix(
      rows: raw.rows, columns: heads, values: Activation.softplus(raw.values))
    guard let limits = shape.timeStepLimits else { return steps }
    let (lower, upper) = (Float(limits.lower), limits.upper.map { Float($0) } ?? .infinity)
    // NaN is compared last, so that it stays.
    return steps.mapped { $0 < lower ? lower : $0 > upper ? upper : $0 }
  }

  /// silu(z), [rows, inner].
  private func gate(_ n: Matrix) -> Matrix {
    let inner = shape.innerSize
    guard let factor = shape.multipliers?.z.map({ Float($0) }) else {
      return inProjection(n, 0..<inner, then: .silu)
    }
    let z = inProjection(n, 0..<inner).scaled(by: factor)
    return Matrix(rows: z.rows, columns: inner, values: Activation.silu(z.values))
  }
}

extension Matrix {
  /// Multiplies the columns of `range` by a factor, of which nil is 1.
  fileprivate mutating func scale(columns range: Range<Int>, by factor: Double?) {
    guard let factor = factor.map({ Float($0) }) else { return }
    for row in 0..<rows {
      for column in range { values[row * columns + column] *= factor }
    }
  }
}
