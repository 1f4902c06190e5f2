import HymbaFormat
import Testing

@testable import HymbaModel

@Suite("Which norms follow the configured epsilon")
struct EpsilonTests {
  /// One layer with every kind of RMS norm; `epsilon` is far from that of the norms of queries and keys.
  private func architecture(epsilon: Double) throws -> Architecture {
    try Architecture(
      input: .tokens(vocabularySize: 8), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: epsilon), metaTokens: .none,
      layers: [
        .init(
          mixer: .parallel(
            attention: .init(
              heads: 2, keyValueHeads: 1, keyHeadSize: 4, valueHeadSize: 5, biases: [],
              queryKeyNorm: .shared),
            mamba: .mamba(.init(
              innerSize: 10, stateSize: 3, rank: 2, convWidth: 2, biases: [.timeStep],
              decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: false,
              innerNorms: .weighted)),
            fusion: .meanOfNorms), feedForward: .none)
      ], output: .logits)
  }

  private func reader(_ architecture: Architecture) throws -> ParameterReader {
    ParameterReader(source: try RandomCheckpoint(architecture, seed: 6), jobs: 1)
  }

  /// [3, 6], in [-1, 1).
  private var n: Matrix {
    var generator = SplitMix64(seed: 7)
    return Matrix(
      rows: 3, columns: 6, values: (0..<18).map { _ in SplitMix64.unit(generator.next()) })
  }

  @Test("those of queries and keys do not: theirs is 1e-6, as in the original")
  func queriesAndKeys() throws {
    let architecture = try architecture(epsilon: 0.5)
    let shape = try #require(architecture.layers[0].attention)
    let reader = try reader(architecture)
    let branch = try AttentionBranch(
      shape, "layers.0.attention", architecture, reader, inputSize: 6, hasOutput: false,
        residual: nil)
    #expect(branch.queryNorm?.epsilon == 1e-6)
    // Without its weight a normed key has the mean square m / (m + epsilon).
    let weight = try reader.floats("layers.0.attention.k_norm.weight", [4])
    var state = PassState(architecture, batch: 1, capacity: 3)
    state.begin(n)
    _ = branch(n, layer: 0, &state, capture: { _, _ in })
    let keys = try #require(state.layers[0].keyValues?.current?.keys)
    for row in 0..<3 {
      let normed: [Float] = zip(keys.row(row), weight).map { $0 / $1 }
      let meanSquare: Float = normed.reduce(0) { $0 + $1 * $1 } / 4
      #expect(abs(meanSquare - 1) < 1e-3)
    }
  }

  @Test("those of a fusion by means do")
  func fusion() throws {
    let architecture = try architecture(epsilon: 0.5)
    let mamba = try #require(architecture.layers[0].stateSpace)
    let fusion = try FusionLayer(
      .meanOfNorms, "layers.0.fusion", mamba, architecture, reader(architecture), residual: nil)
    guard case .meanOfNorms(let attentionNorm, let mambaNorm, _, _) = fusion else {
      Issue.record("another fusion")
      return
    }
    #expect(attentionNorm.epsilon == 0.5 && mambaNorm.epsilon == 0.5)
  }

  @Test("those inside of Mamba do, all three: without them, and with an epsilon of their own, the branch gives the same")
  func mamba() throws {
    func output(epsilon: Double, innerNorms: Architecture.Mamba.InnerNorms) throws -> Matrix {
      let architecture = try architecture(epsilon: epsilon)
      var shape = try #require(architecture.layers[0].mamba)
      shape.innerNorms = innerNorms
      let branch = try MambaBranch(
        shape, "layers.0.mamba", architecture, reader(architecture), hasOutput: false, residual: nil)
      var state = PassState(architecture, batch: 1, capacity: 3)
      state.begin(n)
      return branch(n, layer: 0, &state, capture: { _, _ in })
    }
    let (small, large) = (
      try output(epsilon: 1e-6, innerNorms: .weighted), try output(epsilon: 0.5, innerNorms: .weighted)
    )
    #expect(small.values != large.values)
    let (one, other) = (
      try output(epsilon: 1e-6, innerNorms: .none), try output(epsilon: 0.5, innerNorms: .none)
    )
    #expect(one.values == other.values)
    let own = Architecture.Mamba.InnerNorms.weightless(epsilon: 0.5)
    let (same, too) = (
      try output(epsilon: 1e-6, innerNorms: own), try output(epsilon: 0.5, innerNorms: own)
    )
    #expect(same.values == too.values && same.values != one.values)
  }
}
