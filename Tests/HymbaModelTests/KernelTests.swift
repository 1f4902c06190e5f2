import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Seeded numbers in [-1, 1).
private func noise(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in SplitMix64.unit(generator.next()) }
}

/// The largest difference, relative to the largest expected magnitude.
private func error(_ got: [Float], _ expected: [Double]) -> Double {
  let largest = expected.reduce(0) { max($0, abs($1)) }
  return zip(got, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
}

@Suite("Kernels against strict float64 loops")
struct KernelTests {
  @Test(
    "the selective scan with a learned A per channel, a D skip and B and C of each head, shared out over threads too",
    arguments: [(1, 5, 1), (2, 5, 1), (2, 1301, 1), (2, 12, 3), (2, 1302, 2), (1, 6, 6)])
  func scan(batch: Int, channels: Int, heads: Int) {
    let (length, states) = (9, 3)
    let rows = batch * length
    let a = noise(channels * states, seed: 1).map { -1 - abs($0) }
    let d = noise(channels, seed: 2)
    let x = noise(rows * channels, seed: 3)
    let delta = noise(rows * channels, seed: 4).map { 0.05 + 0.04 * $0 }
    let inputDelta = noise(rows, seed: 5).map { 0.05 + 0.04 * $0 }
    let b = noise(rows * heads * states, seed: 6)
    let c = noise(rows * heads * states, seed: 7)

    var expected = [Double](repeating: 0, count: rows * channels)
    for sequence in 0..<batch {
      for channel in 0..<channels {
        var h = [Double](repeating: 0, count: states)
        for t in 0..<length {
          let row = sequence * length + t
          let selection = (row * heads + channel / (channels / heads)) * states
          var y = Double(d[channel]) * Double(x[row * channels + channel])
          for s in 0..<states {
            h[s] =
              exp(Double(delta[row * channels + channel]) * Double(a[channel * states + s])) * h[s]
              + Double(inputDelta[row]) * Double(b[selection + s])
              * Double(x[row * channels + channel])
            y += Double(c[selection + s]) * h[s]
          }
          expected[row * channels + channel] = y
        }
      }
    }
    var state = [Float](repeating: 0, count: batch * channels * states)
    let got = SelectiveScan(
      channels: channels, heads: heads, states: states, a: a, d: d, jobs: 3)(
        Matrix(rows: rows, columns: channels, values: x),
        delta: Matrix(rows: rows, columns: channels, values: delta),
        inputDelta: Matrix(rows: rows, columns: 1, values: inputDelta),
        b: Matrix(rows: rows, columns: heads * states, values: b),
        c: Matrix(rows: rows, columns: heads * states, values: c), batch: batch, length: length,
        state: &state
      )
    #expect(error(got.values, expected) < 1e-6)
  }

  @Test("the convolution looks back only, within its own sequence", arguments: [1, 3, 4])
  func convolution(width: Int) {
    let (batch, length, channels) = (2, 5, 3)
    let x = noise(batch * length * channels, seed: 8)
    let weight = noise(channels * width, seed: 9)
    let bias = noise(channels, seed: 10)
    var expected = [Double](repeating: 0, count: x.count)
    for sequence in 0..<batch {
      for t in 0..<length {
        for channel in 0..<channels {
          var sum = Double(bias[channel])
          for back in 0..<width where t - back >= 0 {
            sum +=
              Double(weight[channel * width + width - 1 - back])
              * Double(x[(sequence * length + t - back) * channels + channel])
          }
          expected[(sequence * length + t) * channels + channel] = sum
        }
      }
    }
    var history = [Float](repeating: 0, count: batch * (width - 1) * channels)
    let got = CausalConvolution(channels: channels, width: width, weight: weight, bias: bias)(
      Matrix(rows: batch * length, columns: channels, values: x), batch: batch, length: length,
      history: &history)
    #expect(error(got.values, expected) < 1e-6)
  }

  @Test("a matrix product, transposed or not, on parts of larger arrays")
  func product() {
    let (m, k, n) = (3, 4, 5)
    let a = noise(2 + m * 6, seed: 11)
    let b = noise(1 + 5 * 7, seed: 12)
    var target = [Float](repeating: 9, count: m * 8)
    BLAS.multiply(
      MatrixView(a, offset: 2, rows: m, columns: k, stride: 6),
      MatrixView(b, offset: 1, rows: n, columns: k, stride: 7), transposed: true, alpha: 2,
      into: &target, offset: 1, stride: 8)
    for i in 0..<m {
      for j in 0..<n {
        var sum = 0.0
        for l in 0..<k { sum += Double(a[2 + i * 6 + l]) * Double(b[1 + j * 7 + l]) }
        #expect(abs(Double(target[1 + i * 8 + j]) - 2 * sum) < 1e-5)
      }
      #expect(target[i * 8] == 9, "values outside of the product stay")
    }
  }

  @Test(
    "a dense layer, few rows or many, each stored type, all outputs or some, threads or one",
    arguments: [1, 8, 9, 33], [ElementType.float32, .bfloat16, .float16, .float64])
  func dense(rows: Int, type: ElementType) throws {
    // Sizes that leave rests in every kernel, and enough work for two threads.
    let (inner, outputs) = (131, 517)
    let x = noise(rows * inner, seed: 21)
    let bias = noise(outputs, seed: 22)
    // Sixteenths have few bits: exact in every type.
    let weights = noise(outputs * inner, seed: 23).map { ($0 * 16).rounded() / 16 }
    let source = try MemorySource([
      .init("w.weight", type, [outputs, inner], stored(weights, type)),
      .init("w.bias", .float32, [outputs], stored(bias, .float32)),
    ])
    for jobs in [1, 2] {
      let layer = try ParameterReader(source: source, jobs: jobs).linear(
        "w", inner, outputs, bias: true)
      for range in [0..<outputs, 5..<6, 130..<517] {
        let got = layer(Matrix(rows: rows, columns: inner, values: x), range)
        var expected: [Double] = []
        for row in 0..<rows {
          for output in range {
            var sum = Double(bias[output])
            for k in 0..<inner {
              sum += Double(x[row * inner + k]) * Double(weights[output * inner + k])
            }
            expected.append(sum)
          }
        }
        #expect(error(got.values, expected) < 1e-6)
      }
    }
  }

  private func stored(_ values: [Float], _ type: ElementType) -> [UInt8] {
    func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
      words.flatMap { word in
        (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
      }
    }
    return switch type {
    case .bfloat16: bytes(values.map { UInt16($0.bitPattern >> 16) })
    case .float16: bytes(values.map { Float16($0).bitPattern })
    case .float64: bytes(values.map { Double($0).bitPattern })
    default: bytes(values.map { $0.bitPattern })
    }
  }

  @Test("softmax ignores what is masked, and spreads NaN")
  func softmax() {
    var row: [Float] = [7, 1000, 999, -.infinity, 7]
    Kernels.softmax(&row, 1..<4)
    let share = 1 / (1 + exp(-1.0))
    #expect(abs(Double(row[1]) - share) < 1e-7 && abs(Double(row[2]) - (1 - share)) < 1e-7)
    #expect(row[3] == 0 && row[0] == 7 && row[4] == 7)
    var damaged: [Float] = [1, .nan, 2]
    Kernels.softmax(&damaged, 0..<3)
    #expect(damaged.allSatisfy { $0.isNaN })
  }

  @Test("RMS norm, whose sums would lose digits in 32 bits")
  func rmsNorm() {
    let size = 1601
    var values = noise(2 * size, seed: 24).map { $0 + 100 }
    let weight = noise(size, seed: 25)
    let expected = (0..<2).flatMap { row in
      let part = values[row * size..<(row + 1) * size].map(Double.init)
      let mean = part.reduce(0) { $0 + $1 * $1 } / Double(size)
      return zip(part, weight).map { $0 / (mean + 1e-6).squareRoot() * Double($1) }
    }
    let range = 0..<values.count
    Kernels.rmsNorm(&values, range, weight: weight[...], epsilon: 1e-6)
    #expect(error(values, expected) < 2e-7)
  }

  @Test("exponentials are right to the last digits from underflow to overflow")
  func exponentials() {
    let x = stride(from: Float(-87), to: 88, by: 0.0137).map { $0 }
    let silu = Activation.silu(x)
    let softplus = Activation.softplus(x)
    for (index, value) in x.enumerated() {
      let exact = Double(value) / (1 + exp(-Double(value)))
      #expect(abs(Double(silu[index]) - exact) <= 3e-7 * abs(exact) + 1e-37)
      let logarithm = log1p(exp(Double(value)))
      #expect(abs(Double(softplus[index]) - logarithm) <= 3e-7 * logarithm)
    }
  }

  @Test("activations at values where naive forms overflow")
  func activations() {
    let softplus = Activation.softplus([200, -200, 0, .nan, -.infinity])
    #expect(softplus[0] == 200)
    #expect(softplus[1] >= 0 && softplus[1] < 1e-30)
    #expect(abs(softplus[2] - 0.693_147_2) < 1e-7)
    #expect(softplus[3].isNaN && softplus[4] == 0)
    let silu = Activation.silu([-200, 200, .nan, .infinity])
    #expect(silu[0].magnitude < 1e-30 && silu[1] == 200 && silu[2].isNaN && silu[3] == .infinity)
    #expect(Activation.sigmoid([-200, 200]) == [0, 1])
    #expect(Activation.reluSquared([-2, 3]) == [0, 9])
    // 1 * Phi(1) with the exact normal distribution; the tanh approximation gives 0.8411920.
    #expect(abs(Activation.gelu([1])[0] - 0.841_344_75) < 1e-7)
  }

  @Test("layer norm uses the population variance and epsilon inside the root")
  func layerNorm() {
    let norm = LayerNorm(weight: [2, 2], bias: [1, 1], epsilon: 1)
    // mean 1, variance 1: (±1) / sqrt(2) * 2 + 1
    let got = norm(Matrix(rows: 1, columns: 2, values: [0, 2])).values
    #expect(abs(Double(got[0]) - (1 - 2.0.squareRoot())) < 1e-6)
    #expect(abs(Double(got[1]) - (1 + 2.0.squareRoot())) < 1e-6)
  }
}
