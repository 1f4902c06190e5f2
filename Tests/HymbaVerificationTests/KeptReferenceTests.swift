import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("References that a container keeps")
struct KeptReferenceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ path: String) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
  }

  private func container(
    _ set: String, _ reference: String? = nil, asStatistics: Bool = false
  ) throws -> OpenedModel {
    let model = try open(Fixture.folder(set))
    var attachments = Attachments()
    let keeping = try ReferenceKeeping(
      reference ?? Fixture.path(set, "expected.safetensors"), for: model, jobs: 2)
    try keeping.add(to: &attachments, asStatistics: asStatistics, jobs: 2)
    try ContainerWriter(compression: .zstd, jobs: 2, replace: true, creator: "test").write(
      model.parameters, model.description, with: attachments, to: folder.file("c.hymba"))
    return try open(folder.file("c.hymba"))
  }

  private func report(_ model: OpenedModel, _ expected: Reference?) throws -> VerificationReport {
    var verification = ForwardVerification(jobs: 2)
    verification.expected = expected
    verification.checks = CheckGroup.quick
    return try verification.run(model).0
  }

  @Test(
    "a kept reference gives the comparison that its file gives",
    arguments: ["edifice-hymba-tiny", "hymba-nvidia-tiny", "jamba-near-uniform", "granite-hybrid-tiny"])
  func same(_ set: String) throws {
    let model = try container(set)
    let kept = try report(model, Reference(keptWith: model))
    let file = try report(model, Reference(Fixture.path(set, "expected.safetensors")))
    #expect(kept.passed && kept.comparison == file.comparison && kept.notCompared == file.notCompared)
    #expect(kept.checks.first { $0.name == "reference" } == file.checks.first { $0.name == "reference" })
    #expect(kept.input?.origin == "the reference in c.hymba" && kept.input?.shape == file.input?.shape)
    #expect(kept.reference?.isKept == true && kept.reference?.file == "expected.safetensors")
    #expect(try Reference(keptWith: open(Fixture.folder(set))) == nil)
  }

  @Test("statistics agree with the model that they are of, and say no more than that")
  func statistics() throws {
    let model = try container("hymba-nvidia-tiny", asStatistics: true)
    let reference = try #require(try Reference(keptWith: model))
    #expect(reference.isStatistics)
    let found = try report(model, reference)
    let check = try #require(found.checks.first { $0.name == "reference" })
    #expect(found.passed && check.detail.hasPrefix("statistics agree, of 23 captures, each within 2e-05 of "))
    #expect(!check.detail.contains("captures agree"))
    #expect(found.comparison.count == 23 && found.comparison.allSatisfy { $0.statistic != nil && $0.nmse == nil })
    // Other weights have other statistics.
    let other = try changed(model)
    let wrong = try report(other, reference)
    let failure = try #require(wrong.checks.first { $0.name == "reference" })
    #expect(failure.outcome == .failed && failure.detail.hasPrefix("the statistics of "))
    #expect(wrong.cause == nil && wrong.unexplained?.contains("tell no cause") == true)
  }

  /// The model with one weight of its last layer's norm ten times as large.
  private func changed(_ model: OpenedModel) throws -> OpenedModel {
    let source = model.parameters
    let name = "layers.2.norm.weight"
    let tensor = try #require(source.tensors[name])
    var bytes = try source.bytes(of: tensor)
    let values = try Tensor(name, from: source).values
    try #require(tensor.type == .float32)
    bytes.replaceSubrange(0..<4, with: [values[0] * 10 + 1].littleEndianBytes)
    let path = folder.file("other.hymba")
    try ContainerWriter(compression: .none, jobs: 1, replace: true, creator: "test").write(
      MemorySource(copying: source, changing: [name: bytes]), model.description, to: path)
    return try open(path)
  }

  @Test("a kept reference finds a cause as its file does")
  func cause() throws {
    let model = try container("hymba-nvidia-tiny")
    let other = try changed(model)
    let kept = try report(other, Reference(keptWith: model))
    let file = try report(other, Reference(Fixture.path("hymba-nvidia-tiny", "expected.safetensors")))
    #expect(!kept.passed && kept.comparison == file.comparison)
    #expect(kept.cause == file.cause && kept.unexplained == file.unexplained)
  }

  @Test("a kept reference finds a classifier's labels and a mask")
  func beside() throws {
    let recall = try OpenedModel.open(
      ModelInput(paths: [Fixture.root + "/samples/recall-hymba"]), OpeningOptions())
    let keeping = try ReferenceKeeping(
      Fixture.root + "/samples/recall-hymba/eval.safetensors", for: recall, jobs: 1)
    var attachments = Attachments()
    try keeping.add(to: &attachments, asStatistics: false, jobs: 1)
    #expect(keeping.captures == ["logits"] && keeping.notKept == [])
    #expect(
      Set(attachments.names) == [
        .probe("input_ids"), .probe("logits"), .probe("target_mask"), .probe("metadata.json"),
      ])
    let gesture = try open(Fixture.sample("model.nx"))
    attachments = Attachments()
    try ReferenceKeeping(Fixture.sample("eval.safetensors"), for: gesture, jobs: 1)
      .add(to: &attachments, asStatistics: true, jobs: 1)
    #expect(Set(attachments.names).isSuperset(of: [.probe("labels"), .probe("head.weight"), .probe("statistics.json")]))
  }

  // MARK: What does not fit

  private func refusal(_ entries: [MemorySource.Entry]) throws -> String {
    let path = folder.file("r.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    do {
      let keeping = try ReferenceKeeping(path, for: open(Fixture.folder("hymba-nvidia-tiny")), jobs: 1)
      return "kept \(keeping.captures), not \(keeping.notKept)"
    } catch {
      return "\(error)".replacing(path + ": ", with: "")
    }
  }

  private func floats(_ name: String, _ dimensions: [Int]) -> MemorySource.Entry {
    let count = dimensions.reduce(1, *)
    return .init(name, .float32, dimensions, [Float](repeating: 1, count: count).littleEndianBytes)
  }

  @Test("a reference of another model is refused before anything is written")
  func refused() throws {
    let ids = MemorySource.Entry("input_ids", .int64, [1, 3], [UInt8](repeating: 0, count: 24))
    #expect(
      try refusal([floats("logits", [1, 3, 64])])
        == "it holds no “input_ids”, without which nobody can compute its captures again")
    #expect(
      try refusal([ids, floats("layers.40.mamba", [1, 3, 4])])
        == "“layers.40.mamba” is of a layer that this model does not have, as it has 4")
    #expect(
      try refusal([ids, floats("hidden_states.5", [1, 3, 4])])
        == "“hidden_states.5” is of a layer that this model does not have, as it has 4")
    #expect(
      try refusal([ids, floats("logits", [1, 3, 63])])
        == "“logits” has the shape [1, 3, 63], and this model computes [1, 3, 64] for this input")
    #expect(
      try refusal([ids, .init("logits", .int8, [1, 3, 64], [UInt8](repeating: 0, count: 192))])
        == "“logits” holds no floating-point numbers")
    #expect(try refusal([ids, floats("logits", [3, 64]), floats("other", [1]), floats("input", [1])])
      == "kept [\"logits\"], not [\"input\", \"other\"]")
    #expect(
      try refusal([ids, floats("layers.0.gate", [1, 3, 64])])
        == "it holds no capture that this model makes; what it holds, such as “layers.0.gate”, is of another model")
    #expect(try refusal([ids]).hasPrefix("it holds an input and no captures"))
    let outside = MemorySource.Entry("input_ids", .int64, [1, 1], [255, 255, 0, 0, 0, 0, 0, 0])
    #expect(try refusal([outside, floats("logits", [1, 1, 64])]).contains("65535"))
  }

  @Test("a capture with values that are no numbers is refused by name", arguments: [Float.nan, -.infinity])
  func notFinite(_ value: Float) throws {
    let path = folder.file("r.safetensors")
    var logits = [Float](repeating: 1, count: 64)
    logits[5] = value
    try SafetensorsWriter.write(
      MemorySource([
        .init("input_ids", .int64, [1, 1], [UInt8](repeating: 0, count: 8)),
        .init("logits", .float32, [1, 1, 64], logits.littleEndianBytes),
      ]), to: path, replace: true)
    for asStatistics in [true, false] {
      let error = #expect(throws: FileDiagnosis.self) {
        try container("hymba-nvidia-tiny", path, asStatistics: asStatistics)
      }
      #expect(
        error?.description
          == "\(path): “logits” holds NaN or infinite values, with which no verification can agree")
      #expect(error?.kind == .wrong)
    }
  }

  @Test("a text inside that is no text of a reference is named", arguments: [
    ("statistics.json", "{", "the recorded statistics.json inside: not valid JSON: the text ends early at byte 1"),
    ("metadata.json", "no", "the recorded metadata.json inside: not valid JSON: "),
    ("statistics.json", "[]", "the recorded statistics.json inside is no object of captures"),
    ("statistics.json", "{\"logits\":{}}", "the recorded statistics.json inside has no complete statistics of “logits”"),
  ])
  func documents(_ name: String, _ text: String, _ expected: String) throws {
    let model = try open(Fixture.folder("hymba-nvidia-tiny"))
    var attachments = Attachments()
    try attachments.add(.probe(name), bytes: Array(text.utf8))
    try ContainerWriter(compression: .zstd, jobs: 2, replace: true, creator: "test").write(
      model.parameters, model.description, with: attachments, to: folder.file("c.hymba"))
    let kept = try open(folder.file("c.hymba"))
    let error = #expect(throws: FileDiagnosis.self) { try Reference(keptWith: kept) }
    #expect(error?.description.hasPrefix("\(folder.file("c.hymba")): \(expected)") == true, "\(error?.description ?? "")")
    #expect(error?.kind == .wrong)
  }

  @Test("who recorded a reference is kept, and a damaged one is named")
  func record() throws {
    let source = try SafetensorsSource(Fixture.path("hymba-nvidia-tiny", "expected.safetensors"))
    let path = folder.file("r.safetensors")
    try SafetensorsWriter.write(
      source, to: path, replace: true,
      metadata: ["framework": "transformers", "version": "4.57.6", "dtype": "float32", "note": "“x”"])
    let model = try container("hymba-nvidia-tiny", path)
    let reference = try #require(try Reference(keptWith: model))
    #expect(reference.description.recordedBy == "transformers, 4.57.6, float32")
    let kept = try ContainerSource(folder.file("c.hymba"))
    let text = try #require(try kept.attached.bytes(of: .probe("metadata.json")))
    #expect(ReferenceRecord(try JSONValue(parsing: text))?.metadata["note"] == "“x”")

    let names = kept.manifest.attachments.map(\.descriptor.name)
    let position = try #require(names.firstIndex(of: "hymba.probes/logits"))
    var bytes = try folder.read("c.hymba")
    bytes[kept.attachedRanges[position].lowerBound + 30] ^= 1
    try folder.write(bytes, to: "c.hymba")
    let damaged = try open(folder.file("c.hymba"))
    let found = try report(damaged, Reference(keptWith: damaged))
    #expect(
      found.checks.first { $0.name == "container" }?.detail
        == "the recorded logits inside is damaged: its stored bytes have another XXH3 than the manifest says")
    #expect(!found.passed)
  }
}
