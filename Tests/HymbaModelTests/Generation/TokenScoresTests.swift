import Testing

@testable import HymbaModel

@Suite("Probabilities of the next token")
struct TokenScoresTests {
  @Test("scores that are logarithms of shares give the shares")
  func shares() throws {
    let scores = try TokenScores(logarithms(of: [1, 4, 2, 3])[...])
    #expect(scores.mostProbable(4).map(\.token) == [1, 3, 2, 0])
    for (found, expected) in zip(scores.mostProbable(3).map(\.probability), [0.4, 0.3, 0.2]) {
      #expect(abs(found - expected) < 1e-6)
    }
    // An offset of all scores changes no probability, however large.
    let shifted = try TokenScores([1000, 1000, 900])
    #expect(abs(shifted.probability(of: 0).probability - 0.5) < 1e-12)
  }

  @Test("of equal scores the lowest id comes first, whether few or many tokens are asked for", arguments: [3, 300])
  func ties(count: Int) throws {
    var scores = [Float](repeating: 0, count: 500)
    for token in [400, 7, 12] { scores[token] = 2 }
    scores[3] = 1
    let slice = ([9, 9] + scores)[2...]
    let found = try TokenScores(slice).mostProbable(count).map(\.token)
    #expect(Array(found.prefix(3)) == [7, 12, 400])
    #expect(found == Array(([7, 12, 400, 3, 0, 1, 2] + Array(4..<500).filter { ![7, 12, 400].contains($0) }).prefix(count)))
    #expect(try TokenScores(slice).mostProbable == 7)
  }

  @Test("scores that are no numbers are refused", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    #expect(throws: ModelError.cannotChoose("the model's scores hold NaN or infinite values")) {
      try TokenScores([1, value, 2])
    }
    #expect(throws: ModelError.cannotChoose("there are no scores")) { try TokenScores([]) }
  }
}
