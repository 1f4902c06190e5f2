import HymbaModel

@testable import HymbaVerification

extension Invariants {
  /// Runs what the invariants compare.
  init(pass: ForwardPass, input: InputBatch, result: Tensor, nearTies: NearTies) throws {
    let runs = InvariantRuns(input, pass.architecture, checks: [.causality, .batch, .decoding])
    let apart = try pass.run(.together(input), beside: runs.lanes).beside
    self.init(input, runs, result: result, apart: apart, nearTies: nearTies)
  }
}
