import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of what other programs make of a configuration")
struct DialectAuditTests {
  private func messages(_ set: String) throws -> [String] {
    let notes = try AuditedFolder(set).notes(.dialect)
    #expect(notes.allSatisfy { $0.subject == "config.json" })
    return notes.map(\.message)
  }

  @Test("layers in the words of transformers 5")
  func layerNames() throws {
    #expect(
      try messages("granite-hybrid-options").contains(
        "has layers named “linear_attention” and “full_attention” in layer_types, as transformers 5 writes them: version 4.57 refuses them, and llama.cpp's converter takes all such layers for Mamba"
      ))
    #expect(
      try messages("nemotron-h-options").contains(
        "has layers named “linear_attention” and “full_attention” in layers_block_type, as transformers 5 writes them: version 4.57 has no class for this model, and NVIDIA's own file reads hybrid_override_pattern, which is absent"
      ))
    #expect(
      try messages("options/zamba-sharded-tf5").contains(
        "has layers named “linear_attention” in layers_block_type, as transformers 5 writes them: version 4.57 refuses them"
      ))
  }

  @Test("a rotary base that version 4.57 does not find")
  func rotary() throws {
    #expect(
      try messages("bamba-options").contains(
        "has the base of the rotary embedding, 5000, in rope_parameters, which transformers 4.57 does not read: it takes 10000 without a word"
      ))
    #expect(try messages("falcon-h1-options").contains { $0.contains("it takes 100000 without a word") })
    // The same base given both ways is found by both.
    let both = try AuditedFolder("bamba-options")
    try both.replace("config.json", "\"rope_parameters\"", "\"rope_theta\": 5000.0, \"rope_parameters\"")
    #expect(try !both.notes(.dialect).contains { $0.message.contains("rope_parameters") })
  }

  @Test("a limited time step, groups, and a bare Infinity")
  func others() throws {
    let bamba = try messages("bamba-options")
    #expect(
      bamba.contains(
        "limits the time step to [0.03, 0.4]: transformers 4.57 ignores it, and a GGUF of llama.cpp has no place for it"
      ))
    #expect(bamba.contains { $0.hasPrefix("has 2 groups of Mamba-2") })
    #expect(try messages("nemotron-h-tiny").contains { $0.contains("a bare Infinity") })
    #expect(try messages("zamba2-options").contains { $0.contains("use_long_context") })
  }

  @Test("a configuration that all read alike has no such note", arguments: ["bamba-tiny", "jamba-tiny", "granite-hybrid-tiny"])
  func none(_ set: String) throws { #expect(try messages(set) == []) }
}
