import HymbaFormat
import Testing

@testable import HymbaModel

/// The full pass takes 64 queries at once and of a window's keys only those that one of them sees; decoding
/// takes one position and knows the past by its cache.
@Suite("Windows over sequences of several blocks of queries")
struct WindowTests {
  /// Windowed layers, the second with the keys and values of the first where it may, then a global one.
  private func architecture(_ metaTokens: Architecture.MetaTokens) throws -> Architecture {
    func layer(window: Int?, keyValueLayer: Int? = nil) -> Architecture.Layer {
      .init(
        mixer: .parallel(
          attention: .init(
            heads: 4, keyValueHeads: 2, keyHeadSize: 4, valueHeadSize: 6, biases: [],
            window: window, keyValueLayer: keyValueLayer, rotary: .init(base: 10000)),
          mamba: .mamba(.init(
            innerSize: 24, stateSize: 3, rank: 2, convWidth: 4, biases: [.convolution, .timeStep],
            decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: .weighted)),
          fusion: .meanOfNorms), feedForward: .none)
    }
    return try Architecture(
      input: .tokens(vocabularySize: 40), hiddenSize: 16,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: metaTokens,
      layers: [
        layer(window: 5),
        layer(window: 2, keyValueLayer: metaTokens.keyValueCount == 0 ? 0 : nil),
        layer(window: nil), layer(window: 70),
      ], output: .logits)
  }

  @Test(
    "the full pass gives what decoding position by position gives, whatever the meta tokens",
    arguments: [Architecture.MetaTokens.none, .prepended(count: 3), .keyValue(count: 3)])
  func stepwise(_ metaTokens: Architecture.MetaTokens) throws {
    let architecture = try architecture(metaTokens)
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 11), jobs: 2)
    var generator = SplitMix64(seed: 12)
    let input = InputBatch.tokens(
      (0..<150).map { _ in Int(generator.next() % 40) }, batch: 1)
    var full = Tensor([0], [])
    try pass.run(input) { capture, tensor in
      if capture == .lastHiddenState { full = tensor }
    }
    let decoded = try pass.run(.stepwise(input, positions: 150)).lastHiddenState
    #expect(full.dimensions == [1, 150, 16] && decoded.dimensions == full.dimensions)
    let largest = full.values.reduce(0) { max($0, abs($1)) }
    let worst = zip(full.values, decoded.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= 2e-5 * largest, "they differ by \(worst / largest)")
  }

  @Test(
    "a prefix and continuations of many positions give what the full pass gives",
    arguments: [Architecture.MetaTokens.none, .prepended(count: 3), .keyValue(count: 3)],
    [4, 64, 97])
  func continuations(_ metaTokens: Architecture.MetaTokens, step: Int) throws {
    let architecture = try architecture(metaTokens)
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 11), jobs: 2)
    var generator = SplitMix64(seed: 13)
    let ids = (0..<300).map { _ in Int(generator.next() % 40) }  // [2, 150]
    let full = try pass.run(.tokens(ids, batch: 2))
    let decoder = try StepDecoder(pass, capacity: 150)
    var state = decoder.start(batch: 2)
    for start in stride(from: 0, to: 150, by: step) {
      let end = min(start + step, 150)
      let next = Array(ids[start..<end] + ids[150 + start..<150 + end])
      let got = try decoder.step(.tokens(next, batch: 2), &state)
      for (sequence, row) in [end - 1, 150 + end - 1].enumerated() {
        let expected = full.values[row * 40..<(row + 1) * 40]
        let worst = zip(got.values[sequence * 40..<(sequence + 1) * 40], expected)
          .reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(worst <= 2e-5 * expected.reduce(0) { max($0, abs($1)) }, "to position \(end)")
      }
    }
  }
}
