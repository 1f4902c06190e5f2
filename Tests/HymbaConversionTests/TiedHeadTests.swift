import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Heads that are tied, and models without one")
struct TiedHeadTests {
  private static let tied = [
    ("hymba-nvidia-tiny", "nvidia-hymba"), ("zamba-tiny", "hf-zamba"),
    ("options/zamba-act-relu-tf4", "hf-zamba"),
  ]

  /// What save_model of safetensors writes: of the names of one tensor the first in alphabetical order.
  private func savedByHead(_ set: String) throws -> ChangedCheckpoint {
    try ChangedCheckpoint(set) { entries in
      entries = entries.map {
        $0.name == "model.embed_tokens.weight"
          ? .init("lm_head.weight", $0.type, $0.dimensions, $0.bytes) : $0
      }
    }
  }

  @Test("either name of the tensor suffices, and comes back", arguments: tied)
  func eitherName(_ set: String, _ layout: String) throws {
    let checkpoint = try savedByHead(set)
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.layout.name == layout)
    #expect(model.layout.variant.text?.contains("by lm_head.weight") == true)
    try FamilyFixture.expectSame(
      model.parameters, FamilyFixture.open(Fixture.folder(set)).parameters)
    try FamilyFixture.expectRoundTrip(checkpoint.path, through: layout)
    // Under another layout the tensor has its usual name.
    #expect(try model.exported(to: "hymba").tensors["embed_tokens.weight"] != nil)
  }

  @Test("a tied Jamba too, as its files may be")
  func tiedJamba() throws {
    let checkpoint = try ChangedCheckpoint("jamba-tiny") { entries in
      entries.removeAll { $0.name == "model.embed_tokens.weight" }
    } configuration: {
      $0.replacing("\"tie_word_embeddings\": false", with: "\"tie_word_embeddings\": true")
    }
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.architecture?.output == .tiedLogits)
    try FamilyFixture.expectRoundTrip(checkpoint.path, through: "hf-jamba")
  }

  @Test("without either name the tensor is missing")
  func neither() throws {
    let checkpoint = try ChangedCheckpoint("zamba-tiny") { entries in
      entries.removeAll { $0.name == "model.embed_tokens.weight" }
    }
    #expect(
      FamilyFixture.message(opening: checkpoint.path)
        == "the tensors do not fit the model: 1 missing: model.embed_tokens.weight")
  }

  /// The inner model alone.
  private func inner(_ set: String, architectures: String) throws -> ChangedCheckpoint {
    try ChangedCheckpoint(set) { entries in
      entries = entries.filter { $0.name != "lm_head.weight" }.map {
        .init(
          $0.name.replacing("model.", with: "", maxReplacements: 1), $0.type, $0.dimensions,
          $0.bytes)
      }
    } configuration: {
      $0.replacing("\"HymbaForCausalLM\"", with: architectures)
        .replacing("\"JambaForCausalLM\"", with: architectures)
        .replacing("\"ZambaForCausalLM\"", with: architectures)
    }
  }

  @Test(
    "a model whose architectures are called …Model has no head, and is exported as it was",
    arguments: [
      ("hymba-nvidia-tiny", "HymbaModel", "nvidia-hymba"), ("jamba-tiny", "JambaModel", "hf-jamba"),
      ("zamba-tiny", "ZambaModel", "hf-zamba"),
    ])
  func base(_ set: String, _ name: String, _ layout: String) throws {
    let checkpoint = try inner(set, architectures: "\"\(name)\"")
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.architecture?.output == .hiddenStates)
    #expect(model.layout.variant.text?.hasPrefix("without model.") == true)
    #expect(model.assumptions.contains { $0.hasPrefix("the checkpoint has no head: ") })
    try FamilyFixture.expectRoundTrip(checkpoint.path, through: layout)
    #expect(try model.exportConfiguration(for: layout)?.text.contains(name) == true)
  }

  @Test("the inner model of an untied one has none either, beside the configuration of the whole")
  func innerModel() throws {
    let checkpoint = try inner("jamba-tiny", architectures: "\"JambaForCausalLM\"")
    let model = try FamilyFixture.open(checkpoint.path)
    #expect(model.architecture?.output == .hiddenStates)
    // With names of the whole model the head is what is missing.
    let whole = try ChangedCheckpoint("jamba-tiny") { entries in
      entries.removeAll { $0.name == "lm_head.weight" }
    }
    #expect(
      FamilyFixture.message(opening: whole.path)
        == "the tensors do not fit the model: 1 missing: lm_head.weight")
  }

  @Test("a checkpoint of a Mamba-2 family is not taken for a Jamba")
  func secondMamba() throws {
    let checkpoint = try ChangedCheckpoint("jamba-tiny") { entries in
      entries.append(.init("model.layers.0.mamba.dt_bias", .float32, [1], [0, 0, 0, 0]))
    }
    #expect(FamilyFixture.message(opening: checkpoint.path).hasPrefix("none of its 164 tensors"))
  }
}
