import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Random models with Mamba-2")
struct WiderDecodingTests {
  private func pass(_ hybrid: WiderHybrids, _ type: ElementType = .float32) throws -> ForwardPass {
    let architecture = try hybrid.architecture
    return ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 7, type: type), jobs: 2)
  }

  /// [2, length]
  private func input(length: Int) -> InputBatch {
    var generator = SplitMix64(seed: 12)
    return .tokens((0..<2 * length).map { _ in Int(generator.next() % 11) }, batch: 2)
  }

  /// The largest difference that two right computations may have, relative to the largest value: 2e-5, or four
  /// times what rounding alone makes in the model, up to 1e-3. The norms of the small groups in these models
  /// divide by small numbers, so in some of them rounding carries far.
  private func bound(_ pass: ForwardPass, _ input: InputBatch, _ plain: Tensor) throws -> Float {
    let noise = try [1, 2].map { seed in
      worst(try pass.roundingRandomly(seed: seed).run(input).values, plain.values)
    }
    return min(max(2e-5, 4 * (noise.max() ?? 0)), 1e-3)
  }

  private func worst(_ got: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    return zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }

  @Test(
    "the full pass gives what decoding position by position gives", arguments: WiderHybrids.allCases)
  func stepwise(_ hybrid: WiderHybrids) throws {
    let pass = try pass(hybrid)
    // Longer than a chunk of the scan.
    let input = input(length: 150)
    let whole = try pass.run(.together(input))
    let full = whole.lastHiddenState
    let decoded = try pass.run(.stepwise(input, positions: 150)).lastHiddenState
    #expect(full.dimensions == [2, 150, 8] && decoded.dimensions == full.dimensions)
    let worst = worst(decoded.values, full.values)
    #expect(try worst <= bound(pass, input, whole.output), "they differ by \(worst)")
  }

  @Test(
    "a decoder gives the logits of the full pass, in steps of any length",
    arguments: WiderHybrids.allCases, [1, 7, 40])
  func steps(_ hybrid: WiderHybrids, _ step: Int) throws {
    let pass = try pass(hybrid)
    let input = input(length: 40)
    guard case .tokens(let ids, _) = input else { return }
    let full = try pass.run(input)  // [2, 40, 11]
    let decoder = try StepDecoder(pass, capacity: 40)
    var state = decoder.start(batch: 2)
    let bound = try bound(pass, input, full)
    for start in stride(from: 0, to: 40, by: step) {
      let end = min(start + step, 40)
      let next = Array(ids[start..<end] + ids[40 + start..<40 + end])
      let got = try decoder.step(.tokens(next, batch: 2), &state)
      for (sequence, row) in [end - 1, 40 + end - 1].enumerated() {
        let worst = worst(
          got.values[sequence * 11..<(sequence + 1) * 11], full.values[row * 11..<(row + 1) * 11])
        #expect(worst <= bound, "to position \(end) they differ by \(worst)")
      }
    }
  }

  @Test("the time steps keep to their limits in decoding too: other limits are another model")
  func limits() throws {
    let architecture = try WiderHybrids.nemotronH.architecture
    let free = try architecture.changed { draft in
      var mamba = WiderHybrids.mamba2
      mamba.timeStepLimits = nil
      draft.layers[0].mixer = .mamba(mamba: .mamba2(mamba))
    }
    let weights = try RandomCheckpoint(architecture, seed: 7)
    let input = input(length: 9)
    let states = try [architecture, free].map { architecture in
      try ForwardPass(architecture, parameters: weights, jobs: 1)
        .run(.stepwise(input, positions: 9)).lastHiddenState.values
    }
    #expect(worst(states[0], states[1]) > 1e-3)
  }

  @Test(
    "fresh weights give numbers of a usual size, and every layer and token counts",
    arguments: WiderHybrids.allCases, [ElementType.float32, .bfloat16])
  func fresh(_ hybrid: WiderHybrids, _ type: ElementType) throws {
    let pass = try pass(hybrid, type)
    func rms(_ values: [Float]) -> Double {
      (values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
    }
    var streams: [[Float]] = []
    let result = try pass.run(.together(input(length: 16))) { capture, tensor in
      #expect(tensor.values.allSatisfy { $0.isFinite }, "\(capture.name)")
      if case .hiddenStates = capture { streams.append(tensor.values) }
      if case .mamba = capture { #expect(rms(tensor.values) > 1e-3, "\(capture.name)") }
      if case .router = capture {
        #expect(Set(tensor.values).count > tensor.values.count / 4, "\(capture.name)")
      }
    }
    for (before, after) in zip(streams, streams.dropFirst()) {
      let share = rms(zip(after, before).map(-)) / rms(before)
      #expect((0.01...100).contains(share), "\(share)")
    }
    let rows = stride(from: 0, to: result.output.values.count, by: 11).map {
      Array(result.output.values[$0..<$0 + 11])
    }
    #expect(Set(rows).count > 16 && rows.allSatisfy { rms($0) > 1e-3 })
  }
}
