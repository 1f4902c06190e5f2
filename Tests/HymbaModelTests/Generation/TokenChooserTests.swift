import Foundation
import Testing

@testable import HymbaModel

/// ln of each number.
func logarithms(of shares: [Double]) -> [Float] { shares.map { Float(log($0)) } }

@Suite("The choice of a token")
struct TokenChooserTests {
  private let shares = [0.15, 0.5, 0.05, 0.3]

  /// How often each token is chosen among 20,000.
  private func frequencies(_ sampling: Sampling, _ shares: [Double]) throws -> [Double] {
    var chooser = TokenChooser(sampling)
    let scores = try TokenScores(logarithms(of: shares)[...])
    var counts = [Double](repeating: 0, count: shares.count)
    for _ in 0..<20_000 { counts[chooser.choose(scores)] += 1 }
    return counts.map { $0 / 20_000 }
  }

  private func expect(_ found: [Double], _ expected: [Double]) {
    // Five standard deviations of a share of one half among 20,000.
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 0.018, "\(found), not \(expected)") }
    for (found, expected) in zip(found, expected) where expected == 0 { #expect(found == 0) }
  }

  @Test("at temperature 1 tokens come as often as they are probable")
  func plain() throws {
    expect(try frequencies(Sampling(temperature: 1, seed: 5), shares), shares)
  }

  @Test("a temperature of one half squares the probabilities, before they sum to 1 again")
  func temperature() throws {
    let squares = shares.map { $0 * $0 }
    let sum = squares.reduce(0, +)
    expect(try frequencies(Sampling(temperature: 0.5, seed: 5), shares), squares.map { $0 / sum })
  }

  @Test("at temperature 0 the most probable token is taken")
  func greedy() throws {
    #expect(try frequencies(.greedy, shares) == [0, 1, 0, 0])
  }

  @Test("top-k leaves the k most probable")
  func topK() throws {
    expect(try frequencies(Sampling(temperature: 1, topK: 2, seed: 5), shares), [0, 0.625, 0, 0.375])
    #expect(try frequencies(Sampling(temperature: 1, topK: 1, seed: 5), shares) == [0, 1, 0, 0])
    expect(try frequencies(Sampling(temperature: 1, topK: 900, seed: 5), shares), shares)
  }

  @Test(
    "top-p leaves the fewest tokens that hold the share together",
    arguments: [(0.4, [0, 1, 0, 0]), (0.79, [0, 0.625, 0, 0.375]), (0.9, [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95])])
  func topP(share: Double, expected: [Double]) throws {
    expect(try frequencies(Sampling(temperature: 1, topP: share, seed: 5), shares), expected)
  }

  @Test("top-p counts among what top-k leaves")
  func both() throws {
    // Of 0.5, 0.3 and 0.15, which are 0.95 together, the first two are 0.84.
    expect(
      try frequencies(Sampling(temperature: 1, topK: 3, topP: 0.84, seed: 5), shares), [0, 0.625, 0, 0.375])
    expect(
      try frequencies(Sampling(temperature: 1, topK: 3, topP: 0.85, seed: 5), shares),
      [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95])
  }

  @Test("the same seed chooses the same tokens, another one does not")
  func seeds() throws {
    let scores = try TokenScores(logarithms(of: shares)[...])
    func choices(_ seed: UInt64) throws -> [Int] {
      var chooser = TokenChooser(try Sampling(temperature: 1, seed: seed))
      return (0..<100).map { _ in chooser.choose(scores) }
    }
    #expect(try choices(1) == choices(1))
    #expect(try choices(1) != choices(2))
  }

  @Test("choices that cannot be are refused")
  func impossible() {
    for (temperature, topK, topP) in [
      (-1.0, nil, nil), (.nan, nil, nil), (.infinity, nil, nil), (1, 0, nil), (1, nil, 0), (1, nil, 1.5), (1, nil, .nan),
    ] as [(Double, Int?, Double?)] {
      #expect(throws: ModelError.self) { try Sampling(temperature: temperature, topK: topK, topP: topP) }
    }
  }
}
