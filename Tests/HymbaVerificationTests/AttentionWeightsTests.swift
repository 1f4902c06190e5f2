import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Attention weights")
struct AttentionWeightsTests {
  private static let recorded = Fixture.path("attention", "expected.safetensors")

  private func verification(
    of set: String, _ head: AttentionHead
  ) throws -> (ForwardVerification, OpenedModel) {
    let isEdifice = set.hasPrefix("edifice") || set.hasPrefix("gated")
    let configuration = Fixture.path(set, set.hasPrefix("gated") ? "architecture.json" : "build_opts.json")
    let model = try OpenedModel.open(
      ModelInput(paths: [isEdifice ? Fixture.path(set, "model.safetensors") : Fixture.folder(set)]),
      OpeningOptions(configuration: isEdifice ? configuration : nil))
    var verification = ForwardVerification(jobs: 2)
    verification.input = try Reference(Fixture.path(set, "expected.safetensors"), .input)
    verification.attention = head
    verification.checks = [.forward]
    return (verification, model)
  }

  /// The report of one head, of which all checks pass.
  private func weights(of set: String, layer: Int, head: Int) throws -> AttentionWeights {
    let (verification, model) = try verification(of: set, AttentionHead(layer: layer, head: head))
    let report = try verification.run(model).0
    #expect(report.passed)
    let found = try #require(report.attention)
    #expect(found.layer == layer && found.head == head)
    return found
  }

  private func expect(_ found: AttentionWeights, equals name: String, head: Int) throws {
    let recorded = try Tensor(name, from: SafetensorsSource(Self.recorded))
    let size = recorded.dimensions[1] * recorded.dimensions[2]
    #expect(found.weights.count == recorded.dimensions[1])
    #expect(found.weights.allSatisfy { $0.count == recorded.dimensions[2] })
    let expected = recorded.values[head * size..<(head + 1) * size].map(Double.init)
    let error = try #require(zip(found.weights.joined(), expected).map { abs($0 - $1) }.max())
    #expect(error < 2e-6, "\(name), head \(head)")
    // What a query does not see is no small number but none.
    #expect(zip(found.weights.joined(), expected).allSatisfy { ($0 == 0) == ($1 == 0) })
  }

  @Test(
    "they are those that the original computes with, whatever applies the attention",
    arguments: [
      ("jamba-tiny", [2, 6], 0, 2), ("zamba-tiny", [2, 4, 7], 0, 1), ("zamba2-tiny", [1, 3, 5, 6], 0, 1),
      ("bamba-tiny", [1, 4], 0, 2), ("granite-hybrid-tiny", [1, 4], 0, 2),
    ])
  func originals(_ set: String, _ layers: [Int], _ metaCount: Int, _ group: Int) throws {
    for (layer, head) in zip(layers, [3, 1, 2, 0]) {
      let found = try weights(of: set, layer: layer, head: head)
      #expect(found.metaCount == metaCount && found.keyValueHead == head / group)
      try expect(found, equals: "\(set).\(layer)", head: head)
    }
  }

  @Test(
    "meta tokens are the first keys, learned or prepended, seen through every window",
    arguments: [
      ("edifice-hymba-tiny", 1, 1, 3, 1), ("gated-prepended-tiny", 0, 1, 3, 1),
      ("hymba-nvidia-tiny", 0, 3, 3, 2), ("hymba-nvidia-tiny", 1, 1, 3, 2),
      ("hymba-nvidia-tiny", 2, 2, 3, 2), ("hymba-nvidia-options-b", 4, 3, 3, 2),
    ])
  func metaTokens(_ set: String, _ layer: Int, _ head: Int, _ metaCount: Int, _ group: Int) throws {
    let found = try weights(of: set, layer: layer, head: head)
    #expect(found.metaCount == metaCount && found.keyValueHead == head / group)
    try expect(found, equals: "\(set).\(layer)", head: head)
  }

  @Test("several blocks of queries are one matrix, in a window and with the keys of another layer")
  func blocks() throws {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("hymba-nvidia-tiny")]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.input = try Reference(Fixture.path("hymba-nvidia-windowed", "expected.safetensors"), .input)
    verification.attention = AttentionHead(layer: 2, head: 0)
    verification.checks = [.numbers]
    let report = try verification.run(model).0
    try expect(try #require(report.attention), equals: "hymba-nvidia-windowed.2", head: 0)
  }

  @Test("a single position has its weights")
  func onePosition() throws {
    let (first, model) = try verification(of: "hymba-nvidia-tiny", AttentionHead(layer: 0, head: 3))
    var verification = first
    verification.input = nil
    verification.tokens = [5]
    let found = try #require(try verification.run(model).0.attention)
    #expect(found.weights.count == 1 && found.weights[0].count == 4)
    #expect(abs(found.weights[0].reduce(0, +) - 1) < 1e-6)
  }

  @Test("nothing is kept unless it is asked for")
  func notAskedFor() throws {
    let (asked, model) = try verification(of: "jamba-tiny", AttentionHead(layer: 2, head: 0))
    var verification = asked
    verification.attention = nil
    #expect(try verification.run(model).0.attention == nil)
  }

  @Test(
    "what cannot be shown is told by what there is, before the pass",
    arguments: [
      ("jamba-tiny", 8, 0, "there is no layer 8; the model has layers 0 to 7"),
      ("jamba-tiny", 3, 0, "layer 3 has no attention; layers 2, 6 have it"),
      ("jamba-tiny", 2, 4, "layer 2 has no head 4; it has heads 0 to 3"),
      ("zamba-tiny", 3, 0, "layer 3 has no attention; layers 2, 4, 7 have it"),
      ("mamba-tiny", 0, 0, "layer 0 has no attention; no layer has any"),
    ])
  func impossible(_ set: String, _ layer: Int, _ head: Int, _ sentence: String) throws {
    let (verification, model) = try verification(of: set, AttentionHead(layer: layer, head: head))
    #expect(throws: VerificationError.attention(sentence)) { try verification.run(model) }
  }

  @Test("an input beyond the bound is refused")
  func tooLong() throws {
    let (first, model) = try verification(of: "jamba-tiny", AttentionHead(layer: 2, head: 0))
    var verification = first
    verification.input = nil
    verification.tokens = [Int](repeating: 3, count: 1025)
    #expect(
      throws: VerificationError.attention(
        "the input has 1025 positions; the attention of at most 1024 is reported")
    ) { try verification.run(model) }
  }

  @Test("the JSON form has the numbers of 32 bits, and null for none")
  func json() throws {
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder("jamba-tiny")]), OpeningOptions())
    let architecture = try #require(model.architecture)
    let weights = AttentionWeights(
      AttentionHead(layer: 2, head: 3), Tensor([1, 2, 2], [1, 0, 0.1, .nan]), in: architecture)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(
      String(decoding: try encoder.encode(weights), as: UTF8.self)
        == #"{"head":3,"keyValueHead":1,"layer":2,"metaCount":0,"weights":[[1,0],[0.1,null]]}"#)
  }
}
