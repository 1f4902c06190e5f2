/// How one layer mixes positions: by one branch, or by two branches that read the same input and are joined by
/// a fusion.
enum MixerLayer: Sendable {
  case single(any Branch)
  case parallel(attention: any Branch, mamba: any Branch, FusionLayer)

  init(
    _ mixer: Architecture.Mixer, layer: Int, _ architecture: Architecture,
    _ reader: ParameterReader
  ) throws {
    let prefix = "layers.\(layer)"
    let residual = architecture.multipliers.residual.map { Float($0) }
    // A branch that is added to the stream has the factor of the stream; otherwise the fusion has it.
    let ofBranch = mixer.fusion.map { $0 == .sum } ?? true ? residual : nil
    func attention(_ shape: Architecture.Attention) throws -> AttentionBranch {
      try AttentionBranch(
        shape, "\(prefix).attention", architecture, reader, inputSize: architecture.hiddenSize,
        hasOutput: mixer.projectsEachBranch, residual: ofBranch)
    }
    func mamba(_ shape: Architecture.StateSpace) throws -> any Branch {
      let hasOutput = mixer.projectsEachBranch
      switch shape {
      case .mamba(let shape):
        return try MambaBranch(
          shape, "\(prefix).mamba", architecture, reader, hasOutput: hasOutput, residual: ofBranch)
      case .mamba2(let shape):
        return try Mamba2Branch(
          shape, "\(prefix).mamba", architecture, reader, hasOutput: hasOutput, residual: ofBranch)
      }
    }
    switch mixer {
    case .parallel(let attentionShape, let mambaShape, let fusion):
      self = .parallel(
        attention: try attention(attentionShape), mamba: try mamba(mambaShape),
        try FusionLayer(
          fusion, "\(prefix).fusion", mambaShape, architecture, reader, residual: residual))
    case .attention(let shape): self = .single(try attention(shape))
    case .mamba(let shape), .sharedThenMamba(let shape): self = .single(try mamba(shape))
    }
  }

  /// - Parameter n: [batch * length, hidden], normalised
  /// - Returns: [batch * length, hidden]
  func callAsFunction(
    _ n: Matrix, layer: Int, _ state: inout PassState, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    func result(of branch: any Branch, _ state: inout PassState) throws -> Matrix {
      let result = try branch(n, layer: layer, &state, capture: capture)
      try capture(branch.capture(layer: layer), result)
      return result
    }
    switch self {
    case .single(let branch): return try result(of: branch, &state)
    case .parallel(let attention, let mamba, let fusion):
      let m = try result(of: mamba, &state)
      let a = try result(of: attention, &state)
      return try fusion(n, attention: a, mamba: m, layer: layer, capture: capture)
    }
  }
}
