import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Lanes")
struct LaneTests {
  @Test("what a lane gives beside others is what it gives alone, bit for bit", arguments: [true, false])
  func apart(_ hasExperts: Bool) throws {
    let architecture = try hasExperts ? Hybrids.jamba : Hybrids.zamba
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 3), jobs: 2)
    let input = Probe.input(for: architecture)
    let lanes: [Lane] = [
      .together(input.rows(0..<1)), .together(input.rows(1..<2)), .stepwise(input, positions: 5),
    ]
    let beside = try pass.run(.together(input), beside: lanes)
    #expect(beside.lastHiddenState == (try pass.run(.together(input))).lastHiddenState)
    for (lane, state) in zip(lanes, beside.beside) {
      #expect(try pass.run(lane).lastHiddenState == state)
    }
  }

  @Test("a stepwise lane gives the positions that are asked for, of every sequence")
  func positions() throws {
    let architecture = try Hybrids.jamba
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 3), jobs: 1)
    let input = InputBatch.tokens((0..<12).map { $0 % 11 }, batch: 3)
    let hidden = architecture.hiddenSize
    #expect(
      try pass.run(.stepwise(input, positions: 2)).lastHiddenState.dimensions == [3, 2, hidden])
    #expect(
      try pass.run(.stepwise(input, positions: 99)).lastHiddenState.dimensions == [3, 4, hidden])
  }
}
