import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Decoding with caches")
struct DecodingTests {
  /// Positions of two sequences, kept `step` at a time.
  private func filled(window: Int?, positions: Int, step: Int) -> KeyValueCache {
    var cache = KeyValueCache(batch: 2, pinned: 3, window: window, keyWidth: 1, valueWidth: 2)
    for start in stride(from: 0, to: positions, by: step) {
      let new = (start..<min(start + step, positions)).map { Float($0) }
      cache.current = KeyValues(
        keys: Matrix(rows: 2 * new.count, columns: 1, values: new + new.map { 100 + $0 }),
        values: Matrix(
          rows: 2 * new.count, columns: 2, values: (new + new).flatMap { [$0, $0] }))
      cache.keepCurrent(from: start)
    }
    return cache
  }

  @Test(
    "a cache keeps the meta tokens, the window behind the current position, and that position",
    arguments: [1, 2, 5, 12])
  func eviction(step: Int) {
    let cache = filled(window: 4, positions: 12, step: step)
    #expect(cache.positions.sorted() == [0, 1, 2, 7, 8, 9, 10, 11])
    // The order of slots is free, but keys and values go with their positions.
    #expect(cache.keys[1] == cache.positions.map { Float(100 + $0) })
    #expect(cache.values[0] == cache.positions.flatMap { [Float($0), Float($0)] })
    #expect(filled(window: nil, positions: 12, step: step).positions == Array(0..<12))
    #expect(filled(window: 4, positions: 7, step: step).positions == Array(0..<7))
  }

  @Test(
    "the released Hymba-1.5B keeps the paper's 79 MB of keys and values at 8K tokens and 16 bits")
  func paper() throws {
    // 3 global layers of 8192 + 128 positions and 14 of 1025 + 128, each 5 * 64 + 5 * 128 values.
    let size = try released().cacheSize(context: 8192)
    #expect(size.keyValues == (3 * 8320 + 14 * 1153) * 960)
    #expect(Double(2 * size.keyValues) / 1e6 > 78.5 && Double(2 * size.keyValues) / 1e6 < 79.5)
    #expect(size.states == 32 * 19 * 3200)
  }

  /// The released geometry, from its published values.
  private func released() throws -> Architecture {
    let pairs =
      Array(stride(from: 1, through: 13, by: 2)) + Array(stride(from: 19, through: 29, by: 2))
    var producers = Dictionary(uniqueKeysWithValues: pairs.map { ($0 + 1, $0) })
    producers[17] = 16
    producers[18] = 16
    let layers = (0..<32).map { index in
      Architecture.Layer(
        mixer: .parallel(
          attention: .init(
            heads: 25, keyValueHeads: 5, keyHeadSize: 64, valueHeadSize: 128, biases: [],
            window: [0, 15, 31].contains(index) ? nil : 1024, keyValueLayer: producers[index]),
          mamba: .mamba(.init(
            innerSize: 3200, stateSize: 16, rank: 100, convWidth: 4,
            biases: [.convolution, .timeStep], decay: .learned, timeStepClip: nil,
            inputTimeStep: .own, skip: true, innerNorms: .weighted)),
          fusion: .meanOfNorms),
        feedForward: .swiGLU(intermediateSize: 5504))
    }
    return try Architecture(
      input: .tokens(vocabularySize: 32001), hiddenSize: 1600,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .prepended(count: 128),
      layers: layers, output: .tiedLogits)
  }
}
