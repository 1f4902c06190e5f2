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
    "the selective scan with a learned A per channel and a D skip, shared out over threads too",
    arguments: [(1, 5), (2, 5), (2, 1301)])
  func scan(batch: Int, channels: Int) {
    let (length, states) = (9, 3)
    let rows = batch * length
    let a = noise(channels * states, seed: 1).map { -1 - abs($0) }
    let d = noise(channels, seed: 2)
    let x = noise(rows * channels, seed: 3)
    let delta = noise(rows * channels, seed: 4).map { 0.05 + 0.04 * $0 }
    let inputDelta = noise(rows, seed: 5).map { 0.05 + 0.04 * $0 }
    let b = noise(rows * states, seed: 6)
    let c = noise(rows * states, seed: 7)

    var expected = [Double](repeating: 0, count: rows * channels)
    for sequence in 0..<batch {
      for channel in 0..<channels {
        var h = [Double](repeating: 0, count: states)
        for t in 0..<length {
          let row = sequence * length + t
          var y = Double(d[channel]) * Double(x[row * channels + channel])
          for s in 0..<states {
            h[s] =
              exp(Double(delta[row * channels + channel]) * Double(a[channel * states + s])) * h[s]
              + Double(inputDelta[row]) * Double(b[row * states + s])
              * Double(x[row * channels + channel])
            y += Double(c[row * states + s]) * h[s]
          }
          expected[row * channels + channel] = y
        }
      }
    }
    var state = [Float](repeating: 0, count: batch * channels * states)
    let got = SelectiveScan(channels: channels, states: states, a: a, d: d, jobs: 3)(
      Matrix(rows: rows, columns: channels, values: x),
      delta: Matrix(rows: rows, columns: channels, values: delta),
      inputDelta: Matrix(rows: rows, columns: 1, values: inputDelta),
      b: Matrix(rows: rows, columns: states, values: b),
      c: Matrix(rows: rows, columns: states, values: c), batch: batch, length: length, state: &state
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

@Suite("Widening of stored types")
struct WideningTests {
  @Test(
    "E4M3 bytes have the values of the published table",
    arguments: [
      (0x00, 0), (0x01, 0x1p-9), (0x07, 7 * 0x1p-9), (0x08, 0x1p-6), (0x38, 1), (0x39, 1.125),
      (0x7E, 448), (0xFE, -448), (0xB8, -1),
    ] as [(UInt8, Float)])
  func e4m3(_ byte: UInt8, _ value: Float) { #expect(Widening.fromE4M3(byte) == value) }

  @Test("E4M3 has no infinity: all ones is NaN")
  func e4m3NaN() {
    #expect(Widening.fromE4M3(0x7F).isNaN && Widening.fromE4M3(0xFF).isNaN)
  }

  @Test(
    "one and a half is read from every floating-point type",
    arguments: [
      (.float64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]),
      (.float32, [0, 0, 0xC0, 0x3F]), (.float16, [0, 0x3E]), (.bfloat16, [0xC0, 0x3F]),
      (.float8E5M2, [0x3E]), (.float8E4M3, [0x3C]),
    ] as [(ElementType, [UInt8])])
  func onePointFive(_ type: ElementType, _ bytes: [UInt8]) {
    #expect(Widening.floats(bytes.raw, type) == [1.5])
  }

  @Test("whole numbers are no parameters")
  func integers() { #expect(Widening.floats([1, 0, 0, 0].raw, .int32) == nil) }
}
