import HymbaFormat

/// How one layer mixes positions: attention, Mamba, or both joined by a fusion.
enum MixerLayer: Sendable {
  case parallel(AttentionBranch, MambaBranch, FusionLayer)
  case attention(AttentionBranch)
  case mamba(MambaBranch)

  init(
    _ mixer: Architecture.Mixer, _ prefix: String, _ architecture: Architecture,
    _ reader: ParameterReader
  ) throws {
    func attention(
      _ shape: Architecture.Attention, hasOutput: Bool
    ) throws -> AttentionBranch {
      try AttentionBranch(
        shape, "\(prefix).attention", architecture, reader, inputSize: architecture.hiddenSize,
        hasOutput: hasOutput)
    }
    func mamba(_ shape: Architecture.Mamba, hasOutput: Bool) throws -> MambaBranch {
      try MambaBranch(shape, "\(prefix).mamba", architecture, reader, hasOutput: hasOutput)
    }
    switch mixer {
    case .parallel(let attentionShape, let mambaShape, let fusion):
      let projectsEach = fusion == .gated
      self = .parallel(
        try attention(attentionShape, hasOutput: projectsEach),
        try mamba(mambaShape, hasOutput: projectsEach),
        try FusionLayer(fusion, "\(prefix).fusion", mambaShape, architecture, reader))
    case .attention(let shape): self = .attention(try attention(shape, hasOutput: true))
    case .mamba(let shape), .sharedThenMamba(let shape):
      self = .mamba(try mamba(shape, hasOutput: true))
    }
  }

  var attention: AttentionBranch? {
    switch self {
    case .parallel(let attention, _, _), .attention(let attention): attention
    case .mamba: nil
    }
  }

  var mamba: MambaBranch? {
    switch self {
    case .parallel(_, let mamba, _), .mamba(let mamba): mamba
    case .attention: nil
    }
  }

  /// - Parameters:
  ///   - n: [batch * length, hidden], normed
  ///   - state: Mamba's before the first of these positions; becomes that after the last.
  ///   - attend: Computes the attention, of which it knows the keys and values.
  /// - Returns: [batch * length, hidden], to be added to the stream.
  func callAsFunction(
    _ n: Matrix, batch: Int, length: Int, state: inout MambaState, layer: Int,
    attend: (AttentionBranch, Matrix) -> Matrix, capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    func keep(_ mixed: (Matrix, gate: Matrix)) throws -> Matrix {
      try capture(.mambaGate(layer: layer), mixed.gate)
      try capture(.mamba(layer: layer), mixed.0)
      return mixed.0
    }
    func keep(_ mixed: Matrix) throws -> Matrix {
      try capture(.attention(layer: layer), mixed)
      return mixed
    }
    switch self {
    case .parallel(let attention, let mamba, let fusion):
      let m = try keep(mamba(n, batch: batch, length: length, state: &state))
      let a = try keep(attend(attention, n))
      return try fusion(n, attention: a, mamba: m, layer: layer, capture: capture)
    case .attention(let attention): return try keep(attend(attention, n))
    case .mamba(let mamba): return try keep(mamba(n, batch: batch, length: length, state: &state))
    }
  }
}
