import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

/// A recorded Jamba whose routers tie between experts 0 and 1 at many positions, where torch took the one or the
/// other.
@Suite("Ties of routers that a reference broke in its own way")
struct RouterTieTests {
  private static let set = "jamba-router-tie"

  private func verify(
    _ path: String = Fixture.folder(set), expecting keep: (String) -> Bool = { _ in true }
  ) throws -> VerificationReport {
    let recorded = try SafetensorsSource(Fixture.path(Self.set, "expected.safetensors"))
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(
      MemorySource(
        recorded.tensors.filter { $0.name == "input_ids" || keep($0.name) }.map {
          .init($0.name, $0.type, $0.shape.dimensions, try recorded.bytes(of: $0))
        }), to: folder.file("expected.safetensors"), replace: false)
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(folder.path)
    return try verification.run(model).0
  }

  private func detail(_ report: VerificationReport) throws -> String {
    try #require(report.checks.last { $0.name == "reference" }).detail
  }

  @Test("the comparison goes through the experts that the reference chose, and says so")
  func followed() throws {
    let report = try verify()
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    #expect(report.comparison.count == 18)
    let detail = try detail(report)
    #expect(
      detail.hasPrefix("18 captures agree; ")
        && detail.hasSuffix(
          "; at 67 near-ties of a router, which rounding breaks, the reference went through other experts, and the comparison follows it"
        ), "\(detail)")
  }

  @Test("the routers' own probabilities need not be recorded for it")
  func withoutRouters() throws {
    #expect(try verify { !$0.hasSuffix("router") }.passed)
  }

  @Test("without the stream behind the layer its choice is unknown: that is a failure, and says so")
  func unknown() throws {
    let report = try verify { $0 == "logits" }
    #expect(!report.passed)
    let detail = try detail(report)
    #expect(
      detail.hasSuffix(
        "; the difference begins at near-ties of a router, where rounding decides which experts are chosen, and the reference does not tell its choice"
      ), "\(detail)")
  }

  @Test(
    "what is wrong in another way still fails, where it begins",
    arguments: [
      ("model.layers.1.feed_forward.router.weight", "layers.1.router"),
      ("model.layers.3.feed_forward.experts.1.up_proj.weight", "hidden_states.4"),
      ("model.layers.2.mamba.conv1d.weight", "layers.2.mamba"),
    ])
  func wrong(_ name: String, _ capture: String) throws {
    // Reversing the elements keeps every statistic of the tensor itself.
    let changed = try ChangedCheckpoint(Self.set) { entries in
      let index = try #require(entries.firstIndex { $0.name == name })
      let old = entries[index]
      let values = try Tensor(name, from: MemorySource([old])).values
      entries[index] = .init(
        name, old.type, old.dimensions, Array(values.reversed()).littleEndianBytes)
    }
    let report = try verify(changed.path)
    #expect(!report.passed && report.firstDivergence == capture)
  }

  @Test("a router that ties everywhere fails against one that does not")
  func indifferent() throws {
    let changed = try ChangedCheckpoint(Self.set) { entries in
      let name = "model.layers.5.feed_forward.router.weight"
      let index = try #require(entries.firstIndex { $0.name == name })
      let old = entries[index]
      entries[index] = .init(
        name, old.type, old.dimensions,
        [Float](repeating: 0.5, count: old.bytes.count / 4).littleEndianBytes)
    }
    #expect(
      try verify(changed.path) { !$0.hasSuffix("router") }.firstDivergence == "hidden_states.6")
  }

  @Test("every way to break a tie is tried, and no other")
  func alternatives() {
    func sets(_ values: [Float], _ count: Int) -> Set<Set<Int>> {
      let values = values[...]
      let all = ExpertChoice(values, count: count).alternatives(values, within: 1e-5, limit: 64)
      #expect(all.first == ExpertChoice(values, count: count).experts)
      return Set(all.map(Set.init))
    }
    #expect(sets([0.4, 0.1, 0.4, 0.1], 1) == [[0], [2]])
    #expect(sets([0.4, 0.2, 0.2, 0.2], 2) == [[0, 1], [0, 2], [0, 3]])
    #expect(sets([0.25, 0.25, 0.25, 0.25], 2).count == 6)
    #expect(sets([0.4, 0.3, 0.2, 0.1], 2) == [[0, 1]])
    #expect(sets([0.3, 0.3, 0.3, 0.1], 3) == [[0, 1, 2]])
    #expect(sets([Float](repeating: 0.0625, count: 16), 2).count == 1, "120 are too many")
    #expect(sets([.nan, 0.5, 0.5], 1) == [[0]])
  }
}
