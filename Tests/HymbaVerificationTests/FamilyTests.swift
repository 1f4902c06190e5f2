import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Jamba and Zamba")
struct FamilyTests {
  private static let sets = ["jamba-tiny", "zamba-tiny"]

  private func verify(
    _ path: String, input: String, expecting expected: String
  ) throws -> VerificationReport {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.input = try Reference(input)
    verification.expected = try Reference(expected)
    return try verification.run(model).0
  }

  private func verify(_ set: String, expecting file: String) throws -> VerificationReport {
    try verify(
      Fixture.folder(set), input: Fixture.path(set, "expected.safetensors"),
      expecting: Fixture.path(set, file))
  }

  @Test("every capture that transformers recorded passes, and so does every check", arguments: sets)
  func recorded(_ set: String) throws {
    let report = try verify(set, expecting: "expected.safetensors")
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 11 && report.notCompared == [])
    #expect(report.comparison.allSatisfy { ($0.maxRelativeError ?? 1) < 5e-6 })
    let logits = try #require(report.comparison.last)
    #expect(logits.capture == "logits" && logits.top1Agreement == 1)
    #expect(abs(logits.klDivergence ?? 1) < 1e-9)
    #expect(
      report.checks.map(\.name) == [
        "inventory", "numbers", "shapes", "causality", "batch independence", "decoding",
        "reference",
      ])
    #expect(report.checks.allSatisfy { !$0.detail.contains("left out") })
  }

  @Test(
    "branches, routers and shared contributions are those of the float64 re-computation",
    arguments: [("jamba-tiny", 12), ("zamba-tiny", 11)])
  func branches(_ set: String, _ count: Int) throws {
    let report = try verify(set, expecting: "branches.safetensors")
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == count && report.notCompared == [])
  }

  private struct Layer: Decodable {
    let mixer: String, streamRMS: Double, mixerRMS: Double, share: Double
    let sharedRMS: Double?, sharedShare: Double?
    let load: [Double]?, entropy: Double?
  }

  @Test("statistics are those of the float64 re-computation", arguments: sets)
  func statistics(_ set: String) throws {
    let report = try verify(set, expecting: "expected.safetensors")
    let layers = try JSONDecoder().decode(
      [Layer].self,
      from: Data(InputFile.contents(of: Fixture.path(set, "statistics.json"), limit: 1 << 20)))
    #expect(report.layers.count == layers.count)
    for (got, expected) in zip(report.layers, layers) {
      #expect(got.mixer.rawValue == expected.mixer && got.gate == nil && got.fusion == nil)
      let residual = try #require(got.residual)
      #expect(abs(residual.streamRMS - expected.streamRMS) < 1e-5)
      #expect(abs(residual.mixerRMS - expected.mixerRMS) < 1e-5)
      #expect(abs(residual.share - expected.share) < 1e-5)
      #expect((residual.sharedRMS == nil) == (expected.sharedRMS == nil))
      #expect(abs((residual.sharedRMS ?? 0) - (expected.sharedRMS ?? 0)) < 1e-5)
      #expect(abs((residual.sharedShare ?? 0) - (expected.sharedShare ?? 0)) < 1e-5)
      #expect((got.router == nil) == (expected.load == nil))
      guard let router = got.router, let load = expected.load else { continue }
      #expect(zip(router.load, load).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(abs(router.entropy - (expected.entropy ?? 0)) < 1e-5 && router.nearTies == 0)
    }
  }

  @Test(
    "a swapped pair of tensors of one shape is caught, and the place is named",
    arguments: [
      (
        "jamba-tiny", "feed_forward.experts.0.up_proj.weight",
        "feed_forward.experts.1.up_proj.weight", 1, "hidden_states.2"
      ),
      (
        "zamba-tiny", "shared_transf.feed_forward.gate_proj.weight",
        "shared_transf.feed_forward.up_proj.weight", 7, "layers.2.shared"
      ),
    ])
  func swapped(_ set: String, _ a: String, _ b: String, _ layer: Int, _ capture: String) throws {
    let changed = try ChangedCheckpoint(set) { entries in
      let prefix = "model.layers.\(layer)."
      let first = try #require(entries.firstIndex { $0.name == prefix + a })
      let second = try #require(entries.firstIndex { $0.name == prefix + b })
      let (x, y) = (entries[first], entries[second])
      entries[first] = .init(x.name, x.type, x.dimensions, y.bytes)
      entries[second] = .init(y.name, y.type, y.dimensions, x.bytes)
    }
    // Branches tell more places apart than what was recorded; both are expected.
    let expected = Fixture.path(set, "expected.safetensors")
    let file = set == "jamba-tiny" ? expected : Fixture.path(set, "branches.safetensors")
    let report = try verify(changed.path, input: expected, expecting: file)
    #expect(!report.passed && report.firstDivergence == capture)
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }
}

@Suite("Near-ties of routers")
struct NearTieTests {
  @Test("positions from the first near-tie of any layer on are not settled")
  func settled() {
    var ties = NearTies(batch: 2, length: 3, metaCount: 0)
    let clear: [Float] = [0.5, 0.3, 0.2]
    let near: [Float] = [0.5, 0.250_004, 0.249_996]
    ties.add(Tensor([2, 3, 3], clear + clear + near + clear + clear + clear), perToken: 2)
    #expect(ties.settled == [2, 3] && ties.count == 1)
    ties.add(Tensor([2, 3, 3], clear + near + near + clear + clear + clear), perToken: 2)
    #expect(ties.settled == [1, 3] && ties.count == 3)
    // The first choice is clear in all of them.
    ties.add(Tensor([2, 3, 3], near + near + near + near + near + near), perToken: 1)
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
      Tensor([2, 4, 2], near + clear + clear + clear + clear + clear + clear + near), perToken: 1)
    #expect(ties.settled == [0, 1])
  }

  @Test("a router's load counts choices, its entropy is in nats, a certain one has none")
  func router() {
    let statistics = RouterStatistics(
      Tensor([1, 2, 4], [0.25, 0.25, 0.25, 0.25, 0, 0, 1, 0]), perToken: 2)
    // Of equal probabilities the lower indices.
    #expect(statistics.load == [0.5, 0.25, 0.25, 0])
    #expect(abs(statistics.entropy - 1.386_294_361_119_890_6 / 2) < 1e-12)
    #expect(statistics.nearTies == 2)
  }

  private func architecture() -> Architecture {
    Architecture(
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
    let architecture = architecture()
    let weights = try MemorySource(
      copying: try RandomCheckpoint(architecture, seed: 1),
      changing: ["layers.0.ffn.router.weight": [UInt8](repeating: 0, count: 3 * 6 * 4)])
    let pass = ForwardPass(architecture, parameters: weights, jobs: 1)
    let input = Probe.input(for: architecture)
    let run = try ForwardRun(pass, input, keep: { _ in true })
    // A result that nothing else gives: only what is left out can hide it.
    let wrong = Tensor([2, 16, 6], [Float](repeating: 1, count: 2 * 16 * 6))
    let invariants = Invariants(pass: pass, input: input, result: wrong, nearTies: run.nearTies)
    let note = "left out, at and after near-ties of a router, of which there are 32"
    #expect(
      try invariants.batchIndependence().detail
        == "members 0 and 1 alone give what they give in the batch of 2; 32 positions are \(note)")
    #expect(
      try invariants.decoding().detail
        == "16 positions decoded step by step with caches give what the full pass gives, to 0; 16 positions are \(note)"
    )
    let strict = Invariants(
      pass: pass, input: input, result: wrong,
      nearTies: NearTies(batch: 2, length: 16, metaCount: 0))
    #expect(try !strict.batchIndependence().passed && !strict.decoding().passed)
  }

  @Test("before a near-tie everything is compared: the last settled position, not the first other")
  func boundary() throws {
    let architecture = architecture()
    let pass = ForwardPass(
      architecture, parameters: try RandomCheckpoint(architecture, seed: 1), jobs: 1)
    let input = Probe.input(for: architecture).rows(0..<1)
    let result = try #require(
      ForwardRun(pass, input, keep: { _ in true }).tensors[Capture.lastHiddenState.name])
    var ties = NearTies(batch: 1, length: 16, metaCount: 0)
    var probabilities = [Float](repeating: 0, count: 16 * 2)
    for position in 0..<16 { probabilities[2 * position] = position == 9 ? 0 : 1 }
    ties.add(Tensor([1, 16, 2], probabilities), perToken: 1)
    #expect(ties.settled == [9])
    for (position, passes) in [(8, false), (9, true)] {
      var values = result.values
      values[position * 6] += 1
      let invariants = Invariants(
        pass: pass, input: input, result: Tensor([1, 16, 6], values), nearTies: ties)
      #expect(try invariants.decoding().passed == passes)
      #expect(try invariants.batchIndependence().passed == passes)
    }
  }
}

@Suite("Numbers of large tensors")
struct NumberCheckTests {
  @Test(
    "a tensor of more than one window is looked at to its end",
    arguments: [
      (nil, "all finite; all values equal in embed_tokens.weight (1.0)"),
      (0x3F81, "all finite"), (0x7FC0, "NaN or infinite values in embed_tokens.weight"),
    ] as [(UInt16?, String)])
  func windows(_ last: UInt16?, _ detail: String) throws {
    let rows = 200_000
    let architecture = Architecture(
      input: .tokens(vocabularySize: rows), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 1, keyValueHeads: 1, keyHeadSize: 3, valueHeadSize: 3, biases: [])),
          feedForward: .none)
      ], output: .tiedLogits)
    var bytes = [UInt8](repeating: 0x80, count: rows * 6 * 2)
    for index in stride(from: 1, to: bytes.count, by: 2) { bytes[index] = 0x3F }
    if let last {
      bytes[bytes.count - 2] = UInt8(last & 0xFF)
      bytes[bytes.count - 1] = UInt8(last >> 8)
    }
    let source = try MemorySource([.init("embed_tokens.weight", .bfloat16, [rows, 6], bytes)])
    var done = 0
    let check = try NumberCheck(
      source, inventory: ParameterInventory(architecture), jobs: 2, progress: { done += $0 }
    ).check
    #expect(check.detail == detail && done == bytes.count)
  }
}
