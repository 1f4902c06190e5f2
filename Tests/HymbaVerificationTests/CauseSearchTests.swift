import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("The search for a cause with little to go by")
struct CauseSearchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The recorded captures of a set that `keep` chooses, with as many of the first sequences.
  private func reference(_ set: String, sequences: Int? = nil, _ keep: (String) -> Bool) throws
    -> Reference
  {
    let recorded = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    let entries = try recorded.tensors.filter { keep($0.name) }.map { tensor in
      var dimensions = tensor.shape.dimensions
      var bytes = try recorded.bytes(of: tensor)
      if let sequences, tensor.name != "input_ids" {
        bytes = Array(bytes.prefix(bytes.count / dimensions[0] * sequences))
        dimensions[0] = sequences
      }
      return MemorySource.Entry(tensor.name, tensor.type, dimensions, bytes)
    }
    let path = folder.file("expected.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    return try Reference(path)
  }

  private func verify(corruption name: String, _ reference: Reference) throws -> VerificationReport
  {
    let corruption = try #require(Corruption.all.first { $0.name == name })
    let changed = try corruption.make()
    return try verify(changed.path, reference)
  }

  private func verify(
    _ path: String, _ reference: Reference, _ tolerance: Tolerance = Tolerance()
  ) throws -> VerificationReport {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.checks = CheckGroup.quick
    verification.expected = reference
    verification.tolerance = tolerance
    return try verification.run(model).0
  }

  @Test(
    "a run of the original in a lower precision is enough",
    arguments: [
      ("x-and-z", LowerPrecision.bf16, Cause.Kind.parts), ("x-and-z", .tf32, .parts),
      ("one-plus-weight", .f16, .norm),
    ])
  func lowPrecision(_ name: String, _ precision: LowerPrecision, _ kind: Cause.Kind) throws {
    let corruption = try #require(Corruption.all.first { $0.name == name })
    let recorded = Fixture.path("low-precision", "bamba-tiny-\(precision.rawValue).safetensors")
    let changed = try corruption.make()
    let report = try verify(changed.path, Reference(recorded), Tolerance(like: precision))
    #expect(report.cause?.kind == kind)
  }

  @Test("a record that differs from a model that computes on rightly has no cause in the model")
  func recordElsewhere() throws {
    let right = try SafetensorsSource(Fixture.path("bamba-tiny", "expected.safetensors"))
    let first = try #require(right.tensors["hidden_states.0"])
    // The embedding before a factor that the model does not have.
    let values = try Tensor(first.name, from: right).values.map { $0 * 2 }
    let path = folder.file("expected.safetensors")
    try SafetensorsWriter.write(
      MemorySource(copying: right, changing: [first.name: values.littleEndianBytes]), to: path,
      replace: true)
    let report = try verify(Fixture.folder("bamba-tiny"), Reference(path))
    #expect(report.firstDivergence == "hidden_states.0" && report.cause == nil)
    #expect(report.unexplained?.contains("hidden_states.1 behind it agrees") == true)
  }

  @Test("without a recorded stream, the layers before are computed here")
  func ownStream() throws {
    let names = ["input_ids", "layers.4.attention", "hidden_states.5"]
    let report = try verify(
      corruption: "transposed-query", reference("bamba-tiny") { names.contains($0) })
    #expect(report.cause?.sentence == "layer 4 agrees when attention.q_proj is transposed")
  }

  @Test("a layer that shares keys and values, from streams that are computed here")
  func ownKeys() throws {
    let names = ["input_ids", "hidden_states.3"]
    let set = "hymba-nvidia-tiny"
    let report = try verify(corruption: "gate-and-up-hymba", reference(set) { names.contains($0) })
    #expect(report.cause?.sentence == "layer 2 agrees when gate_proj and up_proj change places")
  }

  @Test("a reference of fewer sequences is enough")
  func fewerSequences() throws {
    let report = try verify(
      corruption: "rotary-pairs-shared", reference("zamba2-tiny", sequences: 1) { _ in true })
    #expect(report.cause?.layer == 1 && report.cause?.kind == .rotary)
  }

  @Test("where the place of the difference is not recorded, no more is said than is known")
  func logitsAlone() throws {
    let ofLogits = try verify(
      corruption: "b-and-c", reference("bamba-tiny") { ["input_ids", "logits"].contains($0) })
    #expect(ofLogits.cause == nil && ofLogits.firstDivergence == "logits")
    #expect(
      ofLogits.unexplained?.hasPrefix(
        "what logits is computed from is the first that differs, and no single one of") == true)
    let names = ["input_ids", "hidden_states.2", "hidden_states.5"]
    let ofLayers = try verify(corruption: "b-and-c", reference("bamba-tiny") { names.contains($0) })
    #expect(ofLayers.cause == nil && ofLayers.firstDivergence == "hidden_states.5")
    #expect(ofLayers.unexplained?.hasPrefix("layer 4, or one before it, is the first") == true)
  }

  @Test("heads of another number in the same width, which no shape tells")
  func headCount() throws {
    let set = "edifice-hymba-tiny"
    // Alone in a folder, nothing says how many heads it has.
    let bytes = try InputFile.contents(of: Fixture.path(set, "bare.nx"), limit: 1 << 20)
    let report = try verify(
      folder.write(bytes, to: "bare.nx"), Reference(Fixture.path(set, "expected.safetensors")))
    #expect(report.cause?.sentence == "layer 0 agrees when num_attention_heads is 2")
    #expect(report.cause?.kind == .headOrder)
  }

  @Test("a run on the probe, for want of an input, is not searched")
  func probe() throws {
    let path = folder.file("expected.safetensors")
    // The probe has 2 sequences of 16 positions, and this model a width of 32.
    let zeros = [UInt8](repeating: 0, count: 4 * 2 * 16 * 32)
    try SafetensorsWriter.write(
      MemorySource([.init("hidden_states.1", .float32, [2, 16, 32], zeros)]), to: path, replace: true)
    let report = try verify(corruption: "rope-theta", Reference(path))
    #expect(!report.passed && report.cause == nil && report.unexplained == nil)
    #expect(
      report.checks.last?.detail.hasSuffix(
        "; expected.safetensors holds no input, so the model was run on the probe") == true)
  }

  @Test("several mistakes in one layer are not denied, and a check that names one is pointed to")
  func several() throws {
    let report = try verify(
      Fixture.folder("bamba-broken"), Reference(Fixture.path("bamba-tiny", "expected.safetensors")))
    let why = try #require(report.unexplained)
    #expect(why.hasPrefix("layer 0 is the first that differs, and no single one of "))
    #expect(
      why.hasSuffix(
        " known causes explains it; there may be several: the failed check conventions names what it sees, and hymba-inspect diff ORIGINAL THIS names all that changed, where the original is there"
      ))
  }

  @Test("a fitted factor is found from far away, and a direction that does not help is given up")
  func fit() throws {
    // The residuals of y = f^2 against y = 9, and of a factor that changes another number.
    let found = try FactorFit.factor(from: [8]) { [9 - $0 * $0] }
    #expect(abs((found ?? 0) - 3) < 1e-4)
    let slow = try FactorFit.factor(from: [0.99]) { [1 - 0.01 * $0] }
    #expect(abs((slow ?? 0) - 100) < 1e-2)
    #expect(try FactorFit.factor(from: [8, 1]) { [8, $0] } == nil)
    #expect(try FactorFit.factor(from: [8]) { _ in [8] } == nil)
    #expect(try FactorFit.factor(from: [8]) { _ in nil } == nil)
    #expect(try FactorFit.factor(from: [8]) { _ in [.nan] } == nil)
  }
}
