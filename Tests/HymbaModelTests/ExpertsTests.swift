import HymbaFormat
import Synchronization
import TestSupport
import Testing

@testable import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Experts")
struct ExpertsTests {
  /// One layer of attention with experts, so that everything reaches every later position.
  private func architecture(experts: Int, perToken: Int, size: Int = 24) throws -> Architecture {
    try Architecture(
      input: .tokens(vocabularySize: 50), hiddenSize: 32,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 4, keyValueHeads: 2, keyHeadSize: 8, valueHeadSize: 8, biases: [])),
          feedForward: .experts(count: experts, perToken: perToken, intermediateSize: size))
      ], output: .logits)
  }

  @Test(
    "the highest probabilities are chosen, of equal ones the lower index, and NaN before all",
    arguments: [
      ([0.1, 0.4, 0.2, 0.3], 2, [1, 3], 0.1), ([0.25, 0.25, 0.25, 0.25], 2, [0, 1], 0),
      ([0.5, 0.2, 0.3], 3, [0, 2, 1], .infinity), ([0.5, .nan, 0.5], 2, [1, 0], 0),
      ([1], 1, [0], .infinity),
    ] as [([Float], Int, [Int], Float)])
  func choice(_ probabilities: [Float], _ count: Int, _ experts: [Int], _ margin: Float) {
    // A slice that does not begin at 0, as one row of many.
    let choice = ExpertChoice(([9] + probabilities)[1...], count: count)
    #expect(
      choice.experts == experts && (choice.margin - margin).magnitude < 1e-6
        || choice.margin == margin && choice.experts == experts)
  }

  @Test(
    "only experts that some position chose are read, in order, each once", arguments: [1, 2])
  func reading(jobs: Int) throws {
    let architecture = try architecture(experts: 16, perToken: 2)
    let source = LoggingSource(try RandomCheckpoint(architecture, seed: 5))
    let pass = ForwardPass(architecture, parameters: source, jobs: jobs)
    for tokens in [[3], [3, 41, 17]] {
      var probabilities = Tensor([0], [])
      _ = source.take()
      try pass.run(.tokens(tokens, batch: 1)) { capture, tensor in
        if capture == .router(layer: 0) { probabilities = tensor }
      }
      #expect(probabilities.dimensions == [1, tokens.count, 16])
      var chosen: Set<Int> = []
      for row in 0..<tokens.count {
        let values = Array(probabilities.values[row * 16..<(row + 1) * 16])
        #expect(abs(values.reduce(0, +) - 1) < 1e-6)
        chosen.formUnion(values.indices.sorted { values[$0] > values[$1] }.prefix(2))
      }
      let expected = chosen.sorted().flatMap { expert in
        ["up", "gate", "down"].map { "layers.0.ffn.experts.\(expert).\($0)_proj.weight" }
      }
      let read = source.take().filter { $0.contains(".experts.") }
      // Threads that share the reading of one expert may finish in any order.
      if jobs == 1 {
        #expect(read == expected)
      } else {
        #expect(read.sorted() == expected.sorted())
      }
    }
  }

  private final class Live: Sendable {
    private let counter: Counter

    final class Counter: Sendable {
      let live = Atomic(0)
      let largest = Atomic(0)
    }

    init(_ counter: Counter) {
      self.counter = counter
      let now = counter.live.add(1, ordering: .sequentiallyConsistent).newValue
      _ = counter.largest.max(now, ordering: .sequentiallyConsistent)
    }

    deinit { counter.live.subtract(1, ordering: .sequentiallyConsistent) }
  }

  @Test(
    "what is read ahead comes in order, with a thread to spare before it is used, two at a time",
    .timeLimit(.minutes(5)), arguments: [1, 2])
  func ahead(jobs: Int) throws {
    let reader = ParameterReader(source: try MemorySource([]), jobs: jobs)
    let counter = Live.Counter()
    var used: [Int] = []
    try reader.forEach(Array(0..<40), make: { item, _ in (item, Live(counter)) }) { item, value in
      #expect(value.0 == item)
      used.append(item)
      // The next one is made without being asked for.
      while jobs > 1, item < 39, counter.live.load(ordering: .sequentiallyConsistent) < 2 {
        sched_yield()
      }
    }
    #expect(used == Array(0..<40))
    #expect(counter.largest.load(ordering: .sequentiallyConsistent) == jobs)
  }

  @Test("a missing expert is named when it is chosen", arguments: [1, 2])
  func missing(jobs: Int) throws {
    let architecture = try architecture(experts: 3, perToken: 3)
    let weights = try RandomCheckpoint(architecture, seed: 5)
    let name = "layers.0.ffn.experts.2.gate_proj.weight"
    let entries = try weights.tensors.filter { $0.name != name }.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try weights.bytes(of: $0))
    }
    let pass = ForwardPass(architecture, parameters: try MemorySource(entries), jobs: jobs)
    #expect {
      try pass.run(.tokens([1], batch: 1))
    } throws: {
      "\($0)" == "the parameter “\(name)” is missing"
    }
  }

  @Test("experts kept in memory give what experts read when chosen give, bit for bit")
  func resident() throws {
    let mixture = try #require(
      Architecture.FeedForward.experts(count: 5, perToken: 2, intermediateSize: 24).mixture)
    let source = LoggingSource(try RandomCheckpoint(try architecture(experts: 5, perToken: 2), seed: 5))
    let reader = ParameterReader(source: source, jobs: 1)
    var generator = SplitMix64(seed: 2)
    let x = Matrix(
      rows: 40, columns: 32, values: (0..<40 * 32).map { _ in SplitMix64.unit(generator.next()) })
    let expertBytes = 3 * 32 * 24 * 4
    let results = try [0, 2 * expertBytes + 1, .max].map { bytes in
      let layer = try ExpertsLayer(
        mixture, "layers.0.ffn", hiddenSize: 32, reader, residual: nil, residentBytes: bytes)
      _ = source.take()
      let result = try layer(layer.route(x)).values
      return (result, Set(source.take().compactMap { $0.split(separator: ".")[4].first }))
    }
    #expect(results[0].0 == results[1].0 && results[0].0 == results[2].0)
    #expect(results[0].1 == ["0", "1", "2", "3", "4"])
    #expect(results[1].1 == ["2", "3", "4"] && results[2].1 == [])
  }

  @Test("a decoder has all experts in memory: its steps read nothing")
  func decoder() throws {
    let architecture = try architecture(experts: 5, perToken: 2)
    let source = LoggingSource(try RandomCheckpoint(architecture, seed: 5))
    let decoder = try StepDecoder(
      ForwardPass(architecture, parameters: source, jobs: 1), capacity: 3)
    #expect(Set(source.take()) == Set(source.tensors.map(\.name)))
    var state = decoder.start(batch: 2)
    for token in 0..<3 { _ = try decoder.step(.tokens([token, 40 - token], batch: 2), &state) }
    #expect(source.take() == [])
  }

  @Test(
    "which experts later tokens choose changes no bit of earlier positions",
    arguments: [(5, 2), (40, 20), (40, 39), (100, 50)], [ElementType.float32, .bfloat16])
  func causality(_ lengths: (Int, Int), _ type: ElementType) throws {
    let (length, cut) = lengths
    let architecture = try architecture(experts: 4, perToken: 2, size: 200)
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 8, type: type), jobs: 2)
    let tokens = (0..<length).map { $0 * 7 % 50 }
    let states = try [0, 3].map { shift in
      var state: [Float] = []
      try pass.run(.tokens(tokens.enumerated().map { $0 < cut ? $1 : ($1 + shift) % 50 }, batch: 1))
      { capture, tensor in
        if capture == .lastHiddenState { state = tensor.values }
      }
      return state
    }
    #expect(states[0][..<(cut * 32)] == states[1][..<(cut * 32)])
    #expect(states[0] != states[1])
  }

  @Test("several lanes read each expert that any of them goes through once")
  func lanes() throws {
    let architecture = try architecture(experts: 8, perToken: 2, size: 24)
    let source = LoggingSource(try RandomCheckpoint(architecture, seed: 1))
    let pass = ForwardPass(architecture, parameters: source, jobs: 1)
    let input = InputBatch.tokens([3, 1, 4, 1, 5, 9, 2, 6], batch: 2)
    try pass.run(
      .together(input), beside: [.together(input.rows(0..<1)), .stepwise(input, positions: 4)])
    let experts = source.take().filter { $0.contains(".experts.") }
    #expect(!experts.isEmpty && Set(experts).count == experts.count)
  }
}

@Suite("The shared block")
struct SharedBlockTests {
  @Test("it is read once a pass, however many layers apply it")
  func once() throws {
    let zamba = try Hybrids.zamba
    let source = LoggingSource(try RandomCheckpoint(zamba, seed: 2))
    let pass = ForwardPass(zamba, parameters: source, jobs: 1)
    let shared = source.tensors.map(\.name).filter { $0.hasPrefix("shared.") }.sorted()
    for run in [
      { try pass.run(.tokens([1, 2, 3], batch: 1)) },
      { try pass.run(.stepwise(.tokens([1, 2, 3], batch: 1), positions: 3)).output },
    ] {
      _ = try run()
      #expect(source.take().filter { $0.hasPrefix("shared.") }.sorted() == shared)
    }
  }

  @Test(
    "its contribution is captured before the mixer that reads it, in each layer that applies it")
  func captures() throws {
    let pass = ForwardPass(
      try Hybrids.zamba, parameters: try RandomCheckpoint(try Hybrids.zamba, seed: 2), jobs: 1)
    var names: [String] = []
    try pass.run(.tokens([1, 2, 3], batch: 1)) { capture, _ in
      if capture.isRecorded { names.append(capture.name) }
    }
    #expect(
      names == [
        "hidden_states.0", "layers.0.mamba", "hidden_states.1", "layers.1.shared",
        "layers.1.mamba", "hidden_states.2", "layers.2.shared", "layers.2.mamba",
        "hidden_states.3", "last_hidden_state", "logits",
      ])
  }
}
