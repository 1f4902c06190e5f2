import Foundation
import HymbaModel
import Testing

@testable import HymbaVerification

@Suite("Scores of tokens")
struct TokenScoreTests {
  @Test("divergence is that of the computed from the expected distribution")
  func divergence() throws {
    // Expected 3/4 and 1/4, computed 1/3 and 2/3: 3/4 ln(9/4) + 1/4 ln(3/8). The second position agrees.
    let expected = Tensor([1, 2, 2], [Float(log(3.0)), 0, 0, 1])
    let got = Tensor([1, 2, 2], [0, Float(log(2.0)), 0, 1])
    let line = CaptureComparison("logits", got: got, expected: expected)
    #expect(line.top1Agreement == 0.5)
    #expect(abs(try #require(line.klDivergence) - 0.362_990_348_9 / 2) < 1e-7)
    #expect(
      CaptureComparison("hidden_states.0", got: got, expected: expected)
        .klDivergence == nil)
  }

  @Test("the divergence of equal distributions is 0, and never less")
  func noDivergence() {
    for scale in 1...20 {
      let values = (0..<37).map { Float($0 * scale % 11) / 7 }
      let expected = Tensor([1, 1, 37], values)
      let got = Tensor([1, 1, 37], values.map(\.nextUp))
      let line = CaptureComparison("logits", got: got, expected: expected)
      #expect((line.klDivergence ?? -1) >= 0)
    }
  }

  @Test("cross-entropy is the mean of -ln p(next), perplexity e to its power")
  func crossEntropy() {
    // The next tokens have 3/4 and 1/3: together 1/4, so e to the mean is 2. The third position has none.
    let logits = Tensor([1, 3, 2], [0, Float(log(3.0)), 0, Float(log(2.0)), 9, -9])
    let score = TokenScore(logits: logits, ids: [0, 1, 0], positions: [0, 1])
    #expect(score.count == 2 && score.accuracy == 0.5)
    #expect(abs(score.crossEntropy - log(2.0)) < 1e-7 && abs(score.perplexity - 2) < 1e-6)
  }
}
