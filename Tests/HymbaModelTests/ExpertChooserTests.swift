import Testing

@testable import HymbaModel

@Suite("The rule by which a router chooses experts")
struct ExpertChooserTests {
  /// One row of many: a slice that does not begin at 0.
  private func row(_ probabilities: [Float]) -> ArraySlice<Float> { ([9, 9] + probabilities)[2...] }

  private func isNear(_ got: [Float], _ expected: [Float]) -> Bool {
    got.count == expected.count && zip(got, expected).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test("a bias chooses and does not weigh")
  func bias() {
    let probabilities = row([0.9, 0.5, 0.25, 0.75])
    let plain = ExpertChooser(perToken: 2)
    #expect(plain(probabilities).experts == [0, 3])
    #expect(isNear(plain.weights(of: [0, 3], probabilities), [0.9, 0.75]))
    // The scores are 0.9, 1, 1.25 and 0.75.
    let biased = ExpertChooser(perToken: 2, bias: [0, 0.5, 1, 0])
    #expect(biased(probabilities).experts == [2, 1])
    #expect(abs(biased(probabilities).margin - 0.1) < 1e-6)
    #expect(isNear(biased.weights(of: [2, 1], probabilities), [0.25, 0.5]))
    #expect(isNear(biased.scores(probabilities), [0.9, 1, 1.25, 0.75]))
  }

  @Test("weights are divided by their sum, then multiplied by the scale")
  func weights() {
    let probabilities = row([0.5, 0.125, 0.375])
    func weights(_ router: Architecture.Router) -> [Float] {
      ExpertChooser(perToken: 2, router).weights(of: [0, 2], probabilities)
    }
    #expect(isNear(weights(.init()), [0.5, 0.375]))
    #expect(isNear(weights(.init(scale: 2)), [1, 0.75]))
    #expect(isNear(weights(.init(normalizes: true)), [4.0 / 7, 3.0 / 7]))
    #expect(isNear(weights(.init(normalizes: true, scale: 3.5)), [2, 1.5]))
    // Sigmoids may all be zero to 32 bits.
    let zeros = ExpertChooser(perToken: 2, .init(scores: .sigmoid, normalizes: true))
    #expect(zeros.weights(of: [0, 1], row([0, 0, 0])) == [0, 0])
  }

  @Test("experts are chosen within the groups whose two highest scores have the highest sums")
  func groups() {
    let probabilities = row([0.9, 0.8, 0.1, 0.2, 0.6, 0.7])
    func choice(kept: Int, bias: [Float]? = nil) -> ExpertChoice {
      ExpertChooser(perToken: 2, .init(groups: 3, keptGroups: kept), bias: bias)(probabilities)
    }
    // The sums are 1.7, 0.3 and 1.3.
    #expect(choice(kept: 1).experts == [0, 1] && choice(kept: 2).experts == [0, 1])
    #expect(abs(choice(kept: 1).margin - 0.4) < 1e-6, "the margin of the groups")
    #expect(abs(choice(kept: 2).margin - 0.1) < 1e-6, "the margin of the experts")
    // With this bias they are 1.7, 2.3 and 1.3.
    let bias: [Float] = [0, 0, 1, 1, 0, 0]
    #expect(choice(kept: 1, bias: bias).experts == [3, 2])
    #expect(choice(kept: 2, bias: bias).experts == [3, 2])
    let chooser = ExpertChooser(perToken: 2, .init(groups: 3, keptGroups: 2), bias: bias)
    #expect(chooser.scores(probabilities)[4...] == [-.infinity, -.infinity])
  }

  @Test("only the two highest scores of a group count, and of equal groups the first comes first")
  func sums() {
    // The sums of two are 1, 1 and 1.125; those of all three would be 1.5, 1 and 1.125.
    let probabilities = row([0.5, 0.5, 0.5, 0.75, 0.25, 0, 0.625, 0.5, 0])
    let chooser = { ExpertChooser(perToken: $0, .init(groups: 3, keptGroups: $1)) }
    #expect(chooser(2, 1)(probabilities).experts == [6, 7])
    #expect(chooser(3, 2)(probabilities).experts == [6, 0, 1])
    #expect(chooser(3, 2)(probabilities).margin == 0, "the first two groups tie")
    // The highest of all, expert 3, is outside of the kept groups.
    #expect(!chooser(6, 2)(probabilities).experts.contains(3))
  }

  @Test("groups of one expert are experts")
  func single() {
    let chooser = ExpertChooser(perToken: 2, .init(groups: 4, keptGroups: 3))
    let choice = chooser(row([0.25, 0.5, 0.125, 0.75]))
    #expect(choice.experts == [3, 1] && choice.margin == 0.125)
  }

  @Test("what is no number is chosen first, with its group, so that it is seen")
  func notANumber() {
    let probabilities = row([0.5, 0.75, 0.25, .nan])
    #expect(ExpertChooser(perToken: 1)(probabilities).experts == [3])
    let grouped = ExpertChooser(perToken: 2, .init(groups: 2, keptGroups: 1))
    #expect(grouped(probabilities).experts == [3, 2])
    let biased = ExpertChooser(perToken: 1, bias: [.nan, 0, 0, 0])
    #expect(biased(row([0.5, 0.75, 0.25, 0.5])).experts == [0])
    let weights = ExpertChooser(perToken: 2, .init(normalizes: true)).weights(of: [3, 1], probabilities)
    #expect(weights.allSatisfy { $0.isNaN })
  }
}
