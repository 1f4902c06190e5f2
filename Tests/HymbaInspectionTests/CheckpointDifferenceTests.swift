import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaInspection

@Suite("The tensors of two checkpoints")
struct CheckpointDifferenceTests {
  private func difference(_ a: String, _ b: String) throws -> CheckpointDifference {
    try CheckpointDifference(CheckpointPair.open(a, b), jobs: 2)
  }

  @Test(
    "a recorded set does not differ from itself",
    arguments: [
      "bamba-tiny", "falcon-h1-options", "jamba-tiny", "zamba2-tiny", "nemotron-h-options",
      "granite-hybrid-options", "mamba-tiny", "falcon-mamba-options", "mamba2-options", "hymba-nvidia-tiny",
    ])
  func same(_ set: String) throws {
    let difference = try difference(Fixture.folder(set), Fixture.folder(set))
    #expect(difference.isEqual && !difference.tensors.isEmpty)
    #expect(difference.pair.names == .parameters && difference.pair.remarks.isEmpty)
    #expect(difference.layers?.changed == [])
  }

  @Test("two files of one model in different formats do not differ")
  func formats() throws {
    let set = "edifice-hymba-tiny"
    for other in ["model.safetensors", "model.zlib.nx", "bare.nx"] {
      #expect(try difference(Fixture.path(set, "model.nx"), Fixture.path(set, other)).isEqual)
    }
  }

  @Test("a tensor that only one side has, and what holds its values")
  func addedAndRemoved() throws {
    let changed = try ChangedCheckpoint("bamba-tiny") { entries in
      let head = try #require(entries.firstIndex { $0.name == "lm_head.weight" })
      entries[head] = .init(
        "head.weight", entries[head].type, entries[head].dimensions, entries[head].bytes)
    }
    let difference = try difference(Fixture.folder("bamba-tiny"), changed.path)
    #expect(difference.pair.names == .own && difference.pair.remarks.count == 1)
    let found = difference.tensors.filter { $0.status != .same }
    #expect(found.map(\.name) == ["lm_head.weight", "head.weight"])
    #expect(found.map(\.status) == [.removed, .added])
    #expect(
      found.map { $0.explanation?.detail } == [
        "equal to head.weight of the second", "equal to lm_head.weight of the first",
      ])
  }

  @Test("a broken folder is compared with a container of the whole model as far as its tensors fit")
  func broken() throws {
    let folder = try TemporaryFolder()
    let whole = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("falcon-h1-tiny")]), OpeningOptions())
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(whole.parameters, whole.description, to: folder.file("whole.hymba"))
    let broken = try ChangedCheckpoint("falcon-h1-tiny") { entries in
      entries.removeAll { $0.name == "model.layers.1.mamba.D" }
      entries.append(.init("extra", .uint8, [2], [1, 2]))
    }
    let difference = try difference(folder.file("whole.hymba"), broken.path)
    #expect(difference.pair.names == .parameters)
    #expect(
      difference.pair.remarks.map(\.sentence).allSatisfy {
        $0.hasPrefix("compared as far as its tensors fit a model: ") && $0.contains("mamba.D")
      })
    let found = difference.tensors.filter { $0.status != .same }
    #expect(found.map(\.name) == ["layers.1.mamba.D", "extra"])
    #expect(found.map(\.status) == [.removed, .added])
  }

  @Test("the same tensors under another configuration are the same, and what differs is said")
  func configuration() throws {
    let changed = try ChangedCheckpoint("bamba-tiny", configuration: {
      $0.replacing("{", with: "{\"rope_theta\": 500000.0,", maxReplacements: 1)
    })
    let difference = try difference(Fixture.folder("bamba-tiny"), changed.path)
    #expect(difference.isEqual)
    let remark = try #require(difference.pair.remarks.first)
    #expect(remark.sentence.hasPrefix("its model is another, and the values behind each option are those of A and B: "))
    #expect(remark.sentence.contains("500000") && remark.sentence.contains("10000"))
  }

  @Test("layers that changed, by kind")
  func layers() throws {
    let changed = try DifferenceFixture.changed("interleave")
    let map = try #require(try difference(Fixture.folder("bamba-tiny"), changed.path).layers)
    #expect(map.changed == [1] && map.layers.count == 6)
    #expect(map.kinds.map(\.kind) == ["Mamba-2", "attention"])
    #expect(map.kinds.map(\.count) == [4, 2] && map.kinds.map(\.changed) == [[], [1]])
  }

  @Test(
    "the layer of a tensor, by its name",
    arguments: [
      ("layers.12.norm.weight", 12), ("model.layers.0.mamba.D", 0), ("backbone.blocks.3.w", 3),
      ("h.7.attn", 7), ("shared.0.attention.q_proj.weight", nil), ("embed_tokens.weight", nil),
      ("layers.-1.w", nil), ("layers.99999999999999999999.w", nil),
    ] as [(String, Int?)])
  func layer(_ name: String, _ layer: Int?) { #expect(LayerMap.layer(name) == layer) }

  // MARK: Tensors without values, and odd ones

  private func entry(_ name: String, _ words: [UInt8], _ type: ElementType = .uint8) -> MemorySource.Entry {
    .init(name, type, [words.count / type.byteSize], words)
  }

  private func reading(
    _ a: MemorySource.Entry, _ b: MemorySource.Entry
  ) throws -> PairReading {
    let sides = try [a, b].map { CheckpointPair.Side(try MemorySource([$0])) }
    return try PairReading(
      sides[0].source.tensors[0], of: sides[0], sides[1].source.tensors[0], of: sides[1])
  }

  @Test("infinities and NaN are counted, and are in no sum")
  func notFinite() throws {
    let a: [Float] = [1, 2, .nan, .infinity]
    let b: [Float] = [1, 4, .nan, 5]
    let reading = try reading(
      entry("w", a.littleEndianBytes, .float32), entry("w", b.littleEndianBytes, .float32))
    let moments = try reading.moments(0..<4, jobs: 1)
    #expect(moments.notFinite == 2 && moments.differing == 2)
    #expect(moments.squaresA == 5 && moments.squaresB == 17 && moments.largestDifference == 2)
  }

  @Test("the bounds of a factor: a noisy factor is none, and two elements have none")
  func factors() throws {
    let steps = try #require(FloatSteps(.float32))
    func factor(_ a: [Float], _ b: [Float]) -> String? {
      var range = FactorRange()
      range.check(a.map(Double.init), steps, b.map(Double.init), steps)
      return range.hypothesis?.detail
    }
    let a: [Float] = [0.3, -1.7, 2.9, 0, 11.3]
    #expect(factor(a, a.map { $0 * 0.7 }) == "times 0.7")
    #expect(factor(a, a.map { $0 * -3 }) == "times -3")
    #expect(factor(a, a.map { $0 / 12 }) == "times 1/12")
    #expect(factor(a, a.enumerated().map { $1 * (0.7 + Float($0) * 1e-4) }) == nil)
    #expect(factor(a, [0.21, -1.19, 2.03, 1, 7.91]) == nil, "zero times a factor is zero")
    #expect(factor([1, 2], [3, 6]) == nil)
  }
}
