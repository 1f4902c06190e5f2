import Testing

@testable import HymbaModel

@Suite("Random rounding")
struct RandomRoundingTests {
  @Test("every value becomes a neighbour one time in two, as often above as below")
  func neighbours() {
    var generator = SplitMix64(seed: 3)
    let values = (0..<10_000).map { _ in SplitMix64.unit(generator.next()) + 2 }
    let moved = RandomRounding(seed: 1)(Matrix(rows: 100, columns: 100, values: values)).values
    #expect(zip(moved, values).allSatisfy { $0 == $1 || $0 == $1.nextUp || $0 == $1.nextDown })
    let up = zip(moved, values).count { $0 > $1 }
    let down = zip(moved, values).count { $0 < $1 }
    // Binomial with a standard deviation of 43.
    #expect((2300...2700).contains(up) && (2300...2700).contains(down))
  }

  @Test("zero and what is no number stay what they are")
  func kept() {
    let values: [Float] = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude]
    for seed in 0..<8 as Range<UInt64> {
      let moved = RandomRounding(seed: seed)(Matrix(rows: 1, columns: 6, values: values)).values
      #expect(zip(moved, values).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
  }

  @Test("a seed gives the same values again, another seed others")
  func seeds() {
    let x = Matrix(rows: 1, columns: 256, values: (1...256).map(Float.init))
    #expect(RandomRounding(seed: 1)(x).values == RandomRounding(seed: 1)(x).values)
    #expect(RandomRounding(seed: 1)(x).values != RandomRounding(seed: 2)(x).values)
  }
}
