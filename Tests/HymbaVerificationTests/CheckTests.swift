import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Checks that fail")
struct CheckTests {
  @Test("what overflows in the last product is found in the logits, and nothing else fails")
  func logits() throws {
    // No token of the input reads the last row of the embedding; the head, which is tied to it, does.
    let checkpoint = try ChangedCheckpoint("hymba-nvidia-tiny") { entries in
      let index = try #require(entries.firstIndex { $0.name == "model.embed_tokens.weight" })
      let (old, row) = (entries[index], entries[index].bytes.count / 64)
      try #require(old.type == .float32 && old.dimensions[0] == 64)
      let large = [Float](repeating: 3e38, count: row / 4).littleEndianBytes
      entries[index] = .init(
        old.name, old.type, old.dimensions, Array(old.bytes.dropLast(row)) + large)
    }
    let model = try OpenedModel.open(ModelInput(paths: [checkpoint.path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.tokens = [1, 2, 3]
    verification.scoresTokens = true
    let report = try verification.run(model).0
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["outputs"])
    #expect(
      report.checks.first { $0.name == "outputs" }?.detail
        == "NaN or infinite values, first in order of computation in logits")
  }

  /// The tiny gated model whose first layer gives numbers that overflow in its second.
  private func overflowing() throws -> VerificationReport {
    let set = "edifice-hymba-tiny"
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    // Signs that alternate along the input, [in, out]: sums of what a norm gives, which may add up to 0.
    let name = "hymba_block_1_ffn_up.kernel"
    let shape = try #require(source.tensors[name]?.shape.dimensions)
    let large = (0..<shape[0] * shape[1]).map {
      Float($0 / shape[1] % 2 == 0 ? 3e38 : -3e38)
    }.littleEndianBytes
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: [name: large]), to: folder.file("m.safetensors"),
      replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [folder.file("m.safetensors")]),
      OpeningOptions(configuration: Fixture.path(set, "build_opts.json")))
    return try ForwardVerification(jobs: 1).run(model).0
  }

  @Test("what overflows within the model is found where it begins, not where it ends")
  func layer() throws {
    let report = try overflowing()
    #expect(report.checks.first { $0.name == "numbers" }?.passed == true)
    #expect(
      report.checks.first { $0.name == "outputs" }?.detail
        == "NaN or infinite values, first in order of computation in hidden_states.1")
    #expect(
      report.checks.first { $0.name == "gates" }?.detail
        == "the gate of layer 1 has values that are no numbers")
    #expect(
      report.checks.filter { $0.outcome == .failed }.map(\.name) == ["outputs"],
      "what follows from it is no failure of its own")
    #expect(
      report.checks.filter { $0.outcome == .notJudged }.map(\.name) == [
        "gates", "causality", "batch independence", "decoding",
      ])
  }

  private func gates(_ values: [Float]...) -> Check? {
    ForwardVerification.gates(
      values.enumerated().map { index, values in
        LayerReport(
          index: index, outputShape: [], mixer: .parallel,
          gate: GateStatistics(Tensor([values.count], values)))
      })
  }

  @Test("a gate beyond [0, 1] is told by its layer and its range")
  func gates() {
    #expect(gates() == nil)
    #expect(
      gates([0, 0.5], [-0.25, 1.5])
        == Check("gates", passed: false, "the gate of layer 1 reaches from -0.25 to 1.5"))
    #expect(
      gates([0.5, .nan])
        == Check("gates", .notJudged, "the gate of layer 0 has values that are no numbers"))
    #expect(
      gates([0.5, 0.5], [0, 0.5, 0.96, 0.5])
        == Check(
          "gates", passed: true, "within [0, 1] in all layers; at most 50 % of a layer saturated"))
  }

  /// One attention layer of six channels on eleven tokens.
  private let architecture: Architecture

  init() throws {
    self.architecture = try Architecture(
      input: .tokens(vocabularySize: 11), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 2, keyValueHeads: 2, keyHeadSize: 3, valueHeadSize: 3, biases: [])),
          feedForward: .none)
      ], output: .tiedLogits)
  }

  private func pass() throws -> ForwardPass {
    ForwardPass(architecture, parameters: try RandomCheckpoint(architecture, seed: 1), jobs: 1)
  }

  @Test("shapes are those of the input and the architecture")
  func shapes() throws {
    let input = Probe.input(for: architecture)
    let run = try ForwardRun(pass(), input, keep: { _ in false })
    #expect(
      ForwardVerification.shapes(run, input, architecture)
        == Check("shapes", passed: true, "1 layers give [2, 16, 6], the output is [2, 16, 11]"))
    #expect(
      ForwardVerification.shapes(run, input.rows(0..<1), architecture)
        == Check("shapes", passed: false, "layer 0 gives [2, 16, 6] instead of [1, 16, 6]"))
    let other = try architecture.changed { $0.output = .lastHiddenState }
    #expect(
      ForwardVerification.shapes(run, input, other)
        == Check("shapes", passed: false, "the output is [2, 16, 11] instead of [2, 6]"))
  }

  @Test("a single bit before the change is a failure of causality, one after it is none")
  func causality() throws {
    let input = Probe.input(for: architecture).rows(0..<1)
    let result = try ForwardRun(pass(), input, keep: { _ in false }).lastHiddenState
    for (position, detail) in [
      (0, "a change at position 8 changes the hidden state at position 0"),
      (7, "a change at position 8 changes the hidden state at position 7"),
      (8, "a change at position 8 leaves positions 0 to 7 as they are, bit for bit"),
    ] {
      var values = result.values
      values[position * 6 + 5] = values[position * 6 + 5].nextUp
      let invariants = try Invariants(
        pass: pass(), input: input, result: Tensor([1, 16, 6], values),
        nearTies: NearTies(batch: 1, length: 16, metaCount: 0))
      #expect(
        invariants.causality() == Check("causality", passed: position == 8, detail))
    }
  }

  @Test("a weight that is no number and that only the changed input meets is no failure of causality")
  func brokenWeight() throws {
    let random = try RandomCheckpoint(architecture, seed: 1)
    var vectors = try Tensor("embed_tokens.weight", from: random).values
    vectors[2 * 6] = .nan
    let pass = ForwardPass(
      architecture,
      parameters: try MemorySource(
        copying: random, changing: ["embed_tokens.weight": vectors.littleEndianBytes]), jobs: 1)
    // From the middle on, each token becomes the next one.
    let input = InputBatch.tokens([Int](repeating: 1, count: 16), batch: 1)
    let result = try ForwardRun(pass, input, keep: { _ in false }).lastHiddenState
    var invariants = try Invariants(
      pass: pass, input: input, result: result,
      nearTies: NearTies(batch: 1, length: 16, metaCount: 0))
    #expect(!invariants.causality().passed)
    invariants.cause = "the weights hold such values"
    #expect(
      invariants.causality()
        == Check(
          "causality", .notJudged,
          "NaN or infinite values were computed, as the weights hold such values"))
  }
}
