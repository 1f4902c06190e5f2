import HymbaFormat

/// How one layer joins its two branches, with the weights of that.
enum FusionLayer: Sendable {
  case gated(Linear, scale: Float?)
  case meanOfNorms(attention: RMSNorm, mamba: RMSNorm, output: Linear, scale: Float?)
  case sum

  /// - Parameter residual: The factor of what the fusion adds to the stream; nil for 1.
  init(
    _ kind: Architecture.Fusion, _ prefix: String, _ mamba: Architecture.StateSpace,
    _ architecture: Architecture, _ reader: ParameterReader, residual: Float?
  ) throws {
    let hidden = architecture.hiddenSize
    switch kind {
    case .gated:
      self = .gated(
        try reader.linear("\(prefix).gate_proj", hidden, hidden, bias: true), scale: residual)
    case .meanOfNorms:
      let (inner, epsilon) = (mamba.innerSize, architecture.norm.epsilon)
      self = .meanOfNorms(
        attention: try reader.rmsNorm("\(prefix).attention_norm", inner, epsilon: epsilon),
        mamba: try reader.rmsNorm("\(prefix).mamba_norm", inner, epsilon: epsilon),
        output: try reader.linear(
          "\(prefix).out_proj", inner, hidden, bias: mamba.hasOutputBias), scale: residual)
    case .sum: self = .sum
    }
  }

  /// Joins the results of the branches.
  ///
  /// - Parameters:
  ///   - n: [rows, hidden], the normalised input of both branches
  ///   - attention, mamba: [rows, width of the branch]
  /// - Returns: [rows, hidden]
  func callAsFunction(
    _ n: Matrix, attention: Matrix, mamba: Matrix, layer: Int,
    capture: (Capture, Matrix) throws -> Void
  ) rethrows -> Matrix {
    switch self {
    case .gated(let projection, let scale):
      let gate = projection(n, then: .sigmoid)
      try capture(.gate(layer: layer), gate)
      // gate * mamba + (1 - gate) * attention
      return (gate.combined(with: mamba, *) + gate.combined(with: attention) { (1 - $0) * $1 })
        .scaled(by: scale)
    case .meanOfNorms(let attentionNorm, let mambaNorm, let output, let scale):
      let a = attentionNorm(attention)
      try capture(.attentionNormed(layer: layer), a)
      let m = mambaNorm(mamba)
      try capture(.mambaNormed(layer: layer), m)
      return output(a.combined(with: m) { ($0 + $1) / 2 }).scaled(by: scale)
    case .sum: return mamba + attention
    }
  }
}
