import HymbaModel

/// How far rounding alone carries in a model: the largest differences between runs that round at random and the
/// plain run.
///
/// Each random run goes through the experts that the plain run chose, so that near-ties of routers do not count
/// as rounding.
struct RoundingNoise {
  /// The difference of each capture that was kept, by name.
  private(set) var captures: [String: Difference] = [:]
  private(set) var lastHiddenState = Difference()
  /// The largest difference of a probability, by layer with experts.
  private(set) var routers: [Int: Double] = [:]

  /// The seeds of the random runs. There are two, because single runs differ by up to a factor of two in their
  /// largest difference.
  private static let seeds: [UInt64] = [1, 2]

  /// - Throws: As ``ForwardPass/run(_:beside:steering:capture:)``.
  /// - Complexity: Two passes.
  init(
    _ pass: ForwardPass, _ input: InputBatch, beside run: ForwardRun,
    onLayer: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    let total = pass.architecture.layers.count * Self.seeds.count
    var done = 0
    let steering = ExpertSteering(choices: run.choices)
    for seed in Self.seeds {
      try pass.roundingRandomly(seed: seed).run(input, steering: steering) { capture, tensor in
        if let kept = run.tensors[capture.name] {
          let difference = Difference(tensor, kept)
          captures[capture.name] = captures[capture.name]?.union(difference) ?? difference
        }
        switch capture {
        case .lastHiddenState:
          lastHiddenState = lastHiddenState.union(Difference(tensor, run.lastHiddenState))
        case .router(let layer):
          guard let kept = run.routers[layer] else { break }
          let difference = Difference(tensor, kept.probabilities).largest
          routers[layer] = Difference.larger(routers[layer] ?? 0, difference)
        case .hiddenStates(let index) where index > 0:
          done += 1
          onLayer(done, total)
        default: break
        }
      }
    }
  }
}
