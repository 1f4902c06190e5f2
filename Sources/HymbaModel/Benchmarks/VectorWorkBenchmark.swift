import HymbaFormat

/// What a pass computes beside matrix products, alone: convolutions, selective scans, norms and softmax of
/// every layer, each of which has attention beside Mamba.
package enum VectorWorkBenchmark {
  /// Seconds for one sequence of `length` positions, meta tokens counted, after one layer to warm up.
  /// - Precondition: every layer has both mixers.
  package static func seconds(_ architecture: Architecture, length: Int, jobs: Int) -> Double {
    let clock = ContinuousClock()
    guard let first = architecture.layers.first else { return 0 }
    run(first, architecture, length, jobs)
    return architecture.layers.reduce(0) { seconds, layer in
      seconds + clock.measure { run(layer, architecture, length, jobs) } / .seconds(1)
    }
  }

  private static func run(
    _ layer: Architecture.Layer, _ architecture: Architecture, _ length: Int, _ jobs: Int
  ) {
    func ones(_ columns: Int) -> Matrix {
      Matrix(
        rows: length, columns: columns, values: [Float](repeating: 0.5, count: length * columns))
    }
    func norm(_ columns: Int) {
      _ = RMSNorm(weight: [Float](repeating: 1, count: columns), epsilon: 1e-6)(ones(columns))
    }
    guard case .parallel(let attention, let mamba, let fusion) = layer.mixer else {
      preconditionFailure("a layer with attention beside Mamba")
    }
    // Before the mixer and before the feed forward.
    norm(architecture.hiddenSize)
    norm(architecture.hiddenSize)
    let (inner, states) = (mamba.innerSize, mamba.stateSize)
    if fusion == .meanOfNorms {
      norm(inner)
      norm(inner)
    }
    var history = [Float](repeating: 0, count: (mamba.convWidth - 1) * inner)
    let convolution = CausalConvolution(
      channels: inner, width: mamba.convWidth,
      weight: [Float](repeating: 0.5, count: inner * mamba.convWidth), bias: nil, jobs: jobs)
    let x = convolution(
      ones(inner), batch: 1, length: length, history: &history, then: .silu)
    let scan = SelectiveScan(
      channels: inner, states: states, a: [Float](repeating: -1, count: inner * states),
      d: [Float](repeating: 1, count: inner), jobs: jobs)
    var state = scan.emptyState(batch: 1)
    let delta = ones(inner)
    _ = scan(
      x, delta: delta, inputDelta: delta, b: ones(states), c: ones(states), batch: 1,
      length: length, state: &state)
    _ = Parallel.map(count: attention.heads, jobs: jobs) { _ in
      var scores = [Float](repeating: 0.5, count: length)
      for query in 0..<length { Kernels.softmax(&scores, 0..<query + 1) }
    }
  }
}
