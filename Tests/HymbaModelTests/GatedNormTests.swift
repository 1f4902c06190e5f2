import TestSupport
import Testing

@testable import HymbaModel

@Suite("The gated norm of Mamba-2 against float64")
struct GatedNormTests {
  @Test(
    "each group has its own mean square, after the gate or before it", arguments: [1, 3],
    [false, true])
  func orders(groups: Int, isBeforeGate: Bool) {
    let (rows, inner) = (4, 51)
    // Magnitudes differ from group to group, so that a mean over all groups shows.
    let y = noise(rows * inner, seed: 1).enumerated().map {
      $0.element * Float(1 + $0.offset % inner)
    }
    let gate = noise(rows * inner, seed: 2)
    let weight = noise(inner, seed: 3)
    let epsilon = 0.25
    var expected: [Double] = []
    for row in 0..<rows {
      for channel in 0..<inner {
        func taken(_ channel: Int) -> Double {
          let index = row * inner + channel
          return Double(y[index]) * (isBeforeGate ? 1 : Double(gate[index]))
        }
        let size = inner / groups
        let group = channel / size * size..<(channel / size + 1) * size
        let mean = group.reduce(0) { $0 + taken($1) * taken($1) } / Double(size)
        let normed = taken(channel) / (mean + epsilon).squareRoot() * Double(weight[channel])
        expected.append(normed * (isBeforeGate ? Double(gate[row * inner + channel]) : 1))
      }
    }
    let norm = GatedNorm(
      weight: weight, groups: groups, epsilon: Float(epsilon), isBeforeGate: isBeforeGate)
    let got = norm(
      Matrix(rows: rows, columns: inner, values: y),
      gate: Matrix(rows: rows, columns: inner, values: gate)
    ).values
    let largest = expected.reduce(0) { max($0, abs($1)) }
    #expect(zip(got, expected).allSatisfy { abs(Double($0) - $1) < 5e-7 * largest })
  }

  /// Seeded numbers in [-1, 1).
  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in SplitMix64.unit(generator.next()) }
  }
}
