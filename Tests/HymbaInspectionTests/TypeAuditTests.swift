import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of element types")
struct TypeAuditTests {
  private static let file = "model.safetensors"

  /// The upper halves of 32-bit floats, which are BF16 but for the rounding.
  private static func cut(_ entry: MemorySource.Entry) -> MemorySource.Entry {
    let bytes = stride(from: 0, to: entry.bytes.count, by: 4).flatMap { entry.bytes[$0 + 2..<$0 + 4] }
    return .init(entry.name, .bfloat16, entry.dimensions, Array(bytes))
  }

  private func folder(
    _ set: String, cutting isCut: (String) -> Bool
  ) throws -> AuditedFolder {
    let folder = try AuditedFolder(set)
    try folder.rewrite(Self.file) { entries in
      entries = entries.map { isCut($0.name) ? Self.cut($0) : $0 }
    }
    return folder
  }

  @Test("a configuration that names another type than the tensors have")
  func declared() throws {
    let folder = try folder("bamba-tiny") { _ in true }
    #expect(
      try folder.findings() == [
        Finding(
          .dtype, .warning, "config.json", "says dtype float32, and 73 of 73 tensors are BF16")
      ])
    try folder.replace("config.json", "\"dtype\": \"float32\"", "\"torch_dtype\": \"torch.bfloat16\"")
    #expect(try folder.findings() == [])
  }

  @Test("parameters of the recurrence in BF16 are a note, as released files have them")
  func recurrence() throws {
    let notes = try AuditedFolder("bamba-options").notes(.dtype)
    #expect(notes.count == 1 && notes[0].subject.hasSuffix("A_log"))
    #expect(notes[0].message.contains("parameters of the recurrence are, 9 in all, stored as BF16"))
    #expect(try AuditedFolder("bamba-tiny").notes(.dtype) == [])
  }

  @Test("biases that choose experts in BF16 are a warning, and in F32 beside BF16 none")
  func choice() throws {
    let folder = try folder("nemotron-h-tiny") { $0.hasSuffix("e_score_correction_bias") }
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.dtype] && found[0].severity == .warning)
    #expect(found[0].subject == "backbone.layers.{4,7}.mixer.gate.e_score_correction_bias")
    #expect(try AuditedFolder("nemotron-h-options").findings() == [])
  }

  @Test("one layer of another type than its neighbours is a warning")
  func uneven() throws {
    let folder = try folder("bamba-tiny") { $0 == "model.layers.2.mamba.in_proj.weight" }
    #expect(
      try folder.findings() == [
        Finding(
          .dtype, .warning, "model.layers.2.mamba.in_proj.weight",
          "is BF16, and the same tensors of 3 other layers are F32")
      ])
  }

  @Test("norms of another type than the projections are a note")
  func mixed() throws {
    let folder = try folder("bamba-tiny") { $0.hasSuffix("layernorm.weight") }
    #expect(try folder.findings() == [])
    let notes = try folder.notes(.dtype)
    #expect(
      notes == [
        Finding(
          .dtype, .note,
          "model.final_layernorm.weight, model.layers.{0..5}.input_layernorm.weight, model.layers.{0..5}.pre_ff_layernorm.weight",
          "are BF16 while most tensors are F32")
      ])
  }

  @Test("tensors of several types that become one parameter are an error")
  func joined() throws {
    let folder = try AuditedFolder("edifice-hymba-tiny")
    try folder.rewrite(Self.file) { entries in
      entries = entries.map {
        $0.name == "hymba_block_1_mamba_ssm_bc_proj.kernel" ? Self.cut($0) : $0
      }
    }
    let found = try folder.findings("model.safetensors")
    #expect(found.contains { $0.kind == .dtype && $0.severity == .error })
  }
}
