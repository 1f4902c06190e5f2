import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Near-ties of routers")
struct NearTieTests {
  @Test("positions from the first near-tie of any layer on are not settled")
  func settled() {
    var ties = NearTies(batch: 2, length: 3, metaCount: 0)
    // The bound is 1e-5.
    let clear: [Float] = [0.5, 0.250_006, 0.249_994]
    let near: [Float] = [0.5, 0.250_004, 0.249_996]
    ties.add(Tensor([2, 3, 3], clear + clear + near + clear + clear + clear), ExpertChooser(perToken: 2))
    #expect(ties.settled == [2, 3] && ties.count == 1)
    ties.add(Tensor([2, 3, 3], clear + near + near + clear + clear + clear), ExpertChooser(perToken: 2))
    #expect(ties.settled == [1, 3] && ties.count == 3)
    // The first choice is clear in all of them.
    ties.add(Tensor([2, 3, 3], near + near + near + near + near + near), ExpertChooser(perToken: 1))
    #expect(ties.settled == [1, 3] && ties.count == 3)
    #expect(ties.note(leftOut: 0) == "")
    #expect(
      ties.note(leftOut: 1)
        == "; 1 position is left out, at and after near-ties of a router, of which there are 3")
  }

  @Test("a near-tie of a meta token leaves out the whole sequence, later ones count without them")
  func metaTokens() {
    let clear: [Float] = [0.75, 0.25]
    let near: [Float] = [0.5, 0.5]
    var ties = NearTies(batch: 2, length: 2, metaCount: 2)
    ties.add(
      Tensor([2, 4, 2], near + clear + clear + clear + clear + clear + clear + near), ExpertChooser(perToken: 1))
    #expect(ties.settled == [0, 1])
  }

  @Test("a router's load counts choices, its entropy is in nats, a certain one has none")
  func router() {
    let statistics = RouterStatistics(
      Tensor([1, 2, 4], [0.25, 0.25, 0.25, 0.25, 0, 0, 1, 0]), ExpertChooser(perToken: 2))
    // Of equal probabilities the lower indices.
    #expect(statistics.load == [0.5, 0.25, 0.25, 0])
    #expect(abs(statistics.entropy - 1.386_294_361_119_890_6 / 2) < 1e-12)
    #expect(statistics.nearTies == 2)
  }

  private func architecture() throws -> Architecture {
    try Architecture(
      input: .tokens(vocabularySize: 11), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 2, keyValueHeads: 2, keyHeadSize: 3, valueHeadSize: 3, biases: [])),
          feedForward: .experts(count: 3, perToken: 1, intermediateSize: 7))
      ], output: .tiedLogits)
  }

  @Test("a router that does not care leaves nothing for the invariants to compare, and they say so")
  func indifferent() throws {
    let architecture = try architecture()
    let weights = try MemorySource(
      copying: try RandomCheckpoint(architecture, seed: 1),
      changing: ["layers.0.ffn.router.weight": [UInt8](repeating: 0, count: 3 * 6 * 4)])
    let pass = ForwardPass(architecture, parameters: weights, jobs: 1)
    let input = Probe.input(for: architecture)
    let run = try ForwardRun(pass, input, keep: { _ in true })
    // A result that nothing else gives: only what is left out can hide it.
    let wrong = Tensor([2, 16, 6], [Float](repeating: 1, count: 2 * 16 * 6))
    let invariants = try Invariants(
      pass: pass, input: input, result: wrong, nearTies: run.nearTies())
    let note = "left out, at and after near-ties of a router, of which there are 32"
    #expect(
      invariants.batchIndependence().detail
        == "members 0 and 1 alone give what they give in the batch of 2; 32 positions are \(note)")
    #expect(
      invariants.decoding().detail
        == "16 positions decoded step by step with caches give what the full pass gives, to 0; 16 positions are \(note)"
    )
    let strict = try Invariants(
      pass: pass, input: input, result: wrong,
      nearTies: NearTies(batch: 2, length: 16, metaCount: 0))
    #expect(!strict.batchIndependence().passed && !strict.decoding().passed)
  }

  @Test("before a near-tie everything is compared: the last settled position, not the first other")
  func boundary() throws {
    let architecture = try architecture()
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 1), jobs: 1)
    let input = Probe.input(for: architecture).rows(0..<1)
    let result = try #require(
      ForwardRun(pass, input, keep: { _ in true }).tensors[Capture.lastHiddenState.name])
    var ties = NearTies(batch: 1, length: 16, metaCount: 0)
    var probabilities = [Float](repeating: 0, count: 16 * 2)
    for position in 0..<16 { probabilities[2 * position] = position == 9 ? 0 : 1 }
    ties.add(Tensor([1, 16, 2], probabilities), ExpertChooser(perToken: 1))
    #expect(ties.settled == [9])
    for (position, passes) in [(8, false), (9, true)] {
      var values = result.values
      values[position * 6] += 1
      let invariants = try Invariants(
        pass: pass, input: input, result: Tensor([1, 16, 6], values), nearTies: ties)
      #expect(invariants.decoding().passed == passes)
      #expect(invariants.batchIndependence().passed == passes)
    }
  }
}
