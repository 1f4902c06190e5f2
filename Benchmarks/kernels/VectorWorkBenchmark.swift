import HymbaFormat
import HymbaKernels
import HymbaModel

/// Times the work of a pass beside matrix products: the convolutions, selective scans, norms and softmax of
/// every layer.
package enum VectorWorkBenchmark {
  /// The seconds for one sequence of `length` positions, meta tokens included, after one layer to warm up.
  package static func seconds(
    _ layers: [ParallelLayer], hiddenSize: Int, length: Int, jobs: Int
  ) -> Double {
    guard let first = layers.first else { return 0 }
    let clock = ContinuousClock()
    run(first, hiddenSize, length, jobs)
    return layers.reduce(0) { seconds, layer in
      seconds + clock.measure { run(layer, hiddenSize, length, jobs) } / .seconds(1)
    }
  }

  private static func run(_ layer: ParallelLayer, _ hiddenSize: Int, _ length: Int, _ jobs: Int) {
    func ones(_ columns: Int) -> Matrix {
      Matrix(
        rows: length, columns: columns, values: [Float](repeating: 0.5, count: length * columns))
    }
    func norm(_ columns: Int) {
      _ = RMSNorm(weight: [Float](repeating: 1, count: columns), epsilon: 1e-6)(ones(columns))
    }
    // The norms before the mixer and before the feed forward.
    norm(hiddenSize)
    norm(hiddenSize)
    let mamba = layer.mamba
    let (inner, states) = (mamba.innerSize, mamba.stateSize)
    if layer.fusion == .meanOfNorms {
      norm(inner)
      norm(inner)
    }
    var history = [Float](repeating: 0, count: (mamba.convWidth - 1) * inner)
    let convolution = CausalConvolution(
      channels: inner, width: mamba.convWidth,
      weight: [Float](repeating: 0.5, count: inner * mamba.convWidth), bias: nil, jobs: jobs)
    let x = convolution(ones(inner), batch: 1, length: length, history: &history, then: .silu)
    let scan = SelectiveScan(
      channels: inner, states: states, a: [Float](repeating: -1, count: inner * states),
      d: [Float](repeating: 1, count: inner), jobs: jobs)
    var state = scan.emptyState(batch: 1)
    let delta = ones(inner)
    _ = scan(
      x, delta: delta, inputDelta: delta, b: ones(states), c: ones(states), batch: 1,
      length: length, state: &state)
    _ = Parallel.map(count: layer.attention.heads, jobs: jobs) { _ in
      var scores = [Float](repeating: 0.5, count: length)
      // Each query has scores up to its own position.
      for query in 0..<length { unsafe hymba_softmax(&scores, query + 1) }
    }
  }
}
