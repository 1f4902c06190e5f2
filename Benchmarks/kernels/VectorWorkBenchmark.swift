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
    // The norms before the mixer and before the feed forward.
    norm(hiddenSize, length)
    norm(hiddenSize, length)
    if layer.fusion == .meanOfNorms {
      norm(layer.mamba.innerSize, length)
      norm(layer.mamba.innerSize, length)
    }
    switch layer.mamba {
    case .mamba(let mamba): run(mamba, length, jobs)
    case .mamba2(let mamba): run(mamba, length, jobs)
    }
    _ = Parallel.map(count: layer.attention.heads, jobs: jobs) { _ in
      var scores = [Float](repeating: 0.5, count: length)
      // Each query has scores up to its own position.
      for query in 0..<length { unsafe hymba_softmax(&scores, query + 1) }
    }
  }

  private static func run(_ mamba: Architecture.Mamba, _ length: Int, _ jobs: Int) {
    let (inner, states) = (mamba.innerSize, mamba.stateSize)
    let x = convolved(inner, width: mamba.convWidth, length, jobs)
    let scan = SelectiveScan(
      channels: inner, states: states, a: [Float](repeating: -1, count: inner * states),
      d: [Float](repeating: 1, count: inner), jobs: jobs)
    var state = scan.emptyState(batch: 1)
    let delta = ones(inner, length)
    _ = scan(
      x, delta: delta, inputDelta: delta, b: ones(states, length), c: ones(states, length),
      batch: 1, length: length, state: &state)
  }

  private static func run(_ mamba: Architecture.Mamba2, _ length: Int, _ jobs: Int) {
    let shared = mamba.groups * mamba.stateSize
    _ = convolved(mamba.convolutionWidth, width: mamba.convWidth, length, jobs)
    let scan = DualScan(
      heads: mamba.heads, headSize: mamba.headSize, groups: mamba.groups, states: mamba.stateSize,
      a: [Float](repeating: -1, count: mamba.heads), d: [Float](repeating: 1, count: mamba.heads),
      jobs: jobs)
    var state = scan.emptyState(batch: 1)
    let y = scan(
      ones(mamba.innerSize, length), delta: ones(mamba.heads, length), b: ones(shared, length),
      c: ones(shared, length), batch: 1, length: length, state: &state)
    guard mamba.gatedNorm != nil else { return }
    _ = GatedNorm(
      weight: [Float](repeating: 1, count: mamba.innerSize), groups: mamba.groups, epsilon: 1e-5)(
        y, gate: ones(mamba.innerSize, length))
  }

  private static func convolved(_ channels: Int, width: Int, _ length: Int, _ jobs: Int) -> Matrix {
    var history = [Float](repeating: 0, count: (width - 1) * channels)
    let convolution = CausalConvolution(
      channels: channels, width: width,
      weight: [Float](repeating: 0.5, count: channels * width), bias: nil, jobs: jobs)
    return convolution(
      ones(channels, length), batch: 1, length: length, history: &history, then: .silu)
  }

  private static func norm(_ columns: Int, _ length: Int) {
    _ = RMSNorm(weight: [Float](repeating: 1, count: columns), epsilon: 1e-6)(ones(columns, length))
  }

  private static func ones(_ columns: Int, _ length: Int) -> Matrix {
    Matrix(
      rows: length, columns: columns, values: [Float](repeating: 0.5, count: length * columns))
  }
}
