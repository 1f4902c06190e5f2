import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Products with stored weights")
struct LinearTests {
  /// Small multiples of a power of 2, which every type holds and whose sums are exact in 32 bits.
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in (SplitMix64.unit(generator.next()) * 8).rounded() / 8 }
  }

  /// The matrix library gets a panel of outputs in parts of 2^19 weights: two of 1,050 inputs here, and one of 1,024.
  @Test(
    "a product of many rows is exact on both sides of every border of panels and parts",
    arguments: [(9, 2100, 1100), (9, 1024, 1100), (12, 3, 1), (9, 0, 5)],
    [ElementType.float32, .bfloat16, .float16])
  func borders(_ shape: (rows: Int, inner: Int, outputs: Int), type: ElementType) throws {
    let (rows, inner, outputs) = shape
    let x = numbers(rows * inner, seed: 1)
    let weights = numbers(outputs * inner, seed: 2)
    let linear = layer(weights, outputs, inner, type)
    let got = linear(Matrix(rows: rows, columns: inner, values: x)).values
    for row in [0, rows - 1] {
      var expected: [Float] = []
      for output in 0..<outputs {
        var sum = 0.0
        for index in 0..<inner { sum += Double(x[row * inner + index]) * Double(weights[output * inner + index]) }
        expected.append(Float(sum))
      }
      #expect(Array(got[row * outputs..<(row + 1) * outputs]) == expected, "row \(row)")
    }
  }

  private func layer(_ weights: [Float], _ outputs: Int, _ inner: Int, _ type: ElementType) -> Linear {
    let pool = BufferPool()
    let loan = pool.take(weights.count * type.byteSize)
    loan.buffer.withMutableBytes(0..<weights.count * type.byteSize) { bytes in
      for (index, weight) in weights.enumerated() {
        switch type {
        case .bfloat16:
          bytes.storeBytes(of: UInt16(weight.bitPattern >> 16), toByteOffset: index * 2, as: UInt16.self)
        case .float16: bytes.storeBytes(of: Float16(weight).bitPattern, toByteOffset: index * 2, as: UInt16.self)
        default: bytes.storeBytes(of: weight.bitPattern, toByteOffset: index * 4, as: UInt32.self)
        }
      }
    }
    return Linear(
      weight: StoredMatrix(rows: outputs, columns: inner, type: type, loan, pool), bias: nil, jobs: 2)
  }
}
