import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Products of bf16 numbers")
struct BFloat16ProductTests {
  /// Seeded numbers in [-1, 1).
  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in SplitMix64.unit(generator.next()) }
  }

  /// The nearest bf16 number by the definition: of the two neighbours the nearer one, the even one of two as near.
  private func nearest(_ value: Float) -> Float {
    let below = value.bitPattern & 0xffff_0000
    let candidates = [below, below &+ 0x1_0000].map(Float.init(bitPattern:))
    let distances = candidates.map { abs(Double($0) - Double(value)) }
    if distances[0] == distances[1] { return candidates[below & 0x1_0000 == 0 ? 0 : 1] }
    return candidates[distances[0] < distances[1] ? 0 : 1]
  }

  @Test("numbers become the nearest bf16 number, the even one of two")
  func rounding() {
    let ties = (0..<64).map { Float(bitPattern: UInt32(0x3f80_8000 + $0 << 15)) }
    let values = noise(2000, seed: 3) + ties + ties.map { -$0 } + [0, -0, Float(bitPattern: 0x0001_1234), 3e38]
    let widened = BFloat16Matrix(Matrix(rows: 1, columns: values.count, values: values)).widened
    let expected = values.map { nearest($0).bitPattern }
    #expect(widened.values.map(\.bitPattern) == expected)
  }

  @Test("what is infinite or no number stays so, and what is too large becomes infinite")
  func special() {
    let values: [Float] = [.infinity, -.infinity, .nan, Float(bitPattern: 0x7f80_0001), .greatestFiniteMagnitude]
    let widened = BFloat16Matrix(Matrix(rows: 1, columns: values.count, values: values)).widened.values
    #expect(widened[0] == Float.infinity)
    #expect(widened[1] == -Float.infinity)
    #expect(widened[2].isNaN)
    #expect(widened[3].isNaN)
    #expect(widened[4] == Float.infinity)
  }

  /// The rows and outputs leave rests of the tiles, and the inner sizes rests of the vectors and of the depth.
  @Test(
    "a product is that of the rounded inputs in 64 bits, for few rows and for many",
    arguments: [(1, 40, 3), (8, 33, 9), (9, 32, 4), (13, 1057, 7), (29, 31, 1), (20, 2100, 70)], [1, 3])
  func product(_ shape: (rows: Int, inner: Int, outputs: Int), jobs: Int) throws {
    let (rows, inner, outputs) = shape
    let x = Matrix(rows: rows, columns: inner, values: noise(rows * inner, seed: 1))
    let weights = noise(outputs * inner, seed: 2).map(nearest)
    let linear = try layer(weights, outputs, inner, jobs: jobs)
    let got = linear(x)
    for row in 0..<rows {
      for output in 0..<outputs {
        let products = (0..<inner).map {
          Double(nearest(x.values[row * inner + $0])) * Double(weights[output * inner + $0])
        }
        // Sums of 32 bits in any order have at most this error.
        let bound = products.reduce(0) { $0 + abs($1) } * Double(inner) * 0x1p-24
        let error = abs(Double(got.values[row * outputs + output]) - products.reduce(0, +))
        #expect(error <= bound, "row \(row), output \(output)")
      }
    }
  }

  @Test("the same numbers come from one thread and from several, and for some outputs alone")
  func threads() throws {
    let (rows, inner, outputs) = (17, 1500, 90)
    let x = Matrix(rows: rows, columns: inner, values: noise(rows * inner, seed: 4))
    let weights = noise(outputs * inner, seed: 5).map(nearest)
    let one = try layer(weights, outputs, inner, jobs: 1)(x)
    #expect(try layer(weights, outputs, inner, jobs: 3)(x).values == one.values)
    let part = try layer(weights, outputs, inner, jobs: 2)(x, 30..<71)
    let expected: [Float] = (0..<rows).flatMap { Array(one.values[$0 * outputs + 30..<$0 * outputs + 71]) }
    #expect(part.values == expected)
  }

  private func layer(_ weights: [Float], _ outputs: Int, _ inner: Int, jobs: Int) throws -> Linear {
    let pool = BufferPool()
    let loan = pool.take(weights.count * 2)
    loan.buffer.withMutableBytes(0..<weights.count * 2) { bytes in
      for (index, weight) in weights.enumerated() {
        bytes.storeBytes(of: UInt16(weight.bitPattern >> 16), toByteOffset: index * 2, as: UInt16.self)
      }
    }
    return Linear(
      weight: StoredMatrix(rows: outputs, columns: inner, type: .bfloat16, loan, pool), bias: nil, jobs: jobs,
      arithmetic: .bfloat16)
  }
}
