import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Dumps under other names")
struct NameMapTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func map(_ text: String) throws -> NameMap {
    try NameMap(folder.write(text, to: "map.json"))
  }

  /// The recorded captures of a set under the names that another tool might give them.
  private func dump(
    _ set: String, batchless: Bool = false, _ rename: (String) -> String
  ) throws -> String {
    let recorded = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    let entries = try recorded.tensors.map { tensor in
      let dimensions = tensor.shape.dimensions
      return MemorySource.Entry(
        rename(tensor.name), tensor.type, batchless ? Array(dimensions.dropFirst()) : dimensions,
        try recorded.bytes(of: tensor))
    }
    let path = folder.file("dump.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    return path
  }

  private func verify(_ set: String, _ reference: Reference) throws -> VerificationReport {
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.checks = CheckGroup.quick
    verification.expected = reference
    return try verification.run(model).0
  }

  /// A name such as other tools use, with the layers counted as they do.
  private func foreign(_ name: String) -> String {
    let parts = name.split(separator: ".")
    switch (parts.first, parts.count) {
    case ("hidden_states", _):
      let index = Int(parts[1]) ?? 0
      return index == 0 ? "inp_embd" : "l_out-\(index - 1)"
    case ("layers", 3): return "blk.\(Int(parts[1]).map { $0 + 1 } ?? 0).\(parts[2])_out"
    case ("logits", _): return "result_output"
    case ("last_hidden_state", _): return "result_norm"
    default: return name == "input_ids" ? "inp_tokens" : name
    }
  }

  private let names = """
    {"inp_tokens": "input_ids", "inp_embd": "hidden_states.0", "l_out-{layer}": "hidden_states.{layer+1}",
     "blk.{layer+1}.attention_out": "layers.{layer}.attention",
     "blk.{layer+1}.mamba_out": "layers.{layer}.mamba", "result_norm": null, "result_output": "logits",
     "blk.{layer}.router_out": "layers.{layer}.router", "missing": "output"}
    """

  @Test("all captures are found under the names of a map")
  func renamed() throws {
    let reference = try Reference(dump("bamba-tiny", foreign), names: map(names))
    let report = try verify("bamba-tiny", reference)
    #expect(report.passed && report.comparison.count == 14 && report.notCompared == [])
    #expect(report.input?.shape == [2, 23])
    #expect(!report.comparison.contains { $0.capture == "last_hidden_state" })
    #expect(reference.unusedNames == ["blk.{layer}.router_out", "missing"])
  }

  @Test("a single sequence may be without the batch dimension")
  func batchless() throws {
    let set = "hymba-nvidia-options-c"
    let report = try verify(set, Reference(dump(set, batchless: true) { $0 }))
    #expect(report.passed && report.comparison.count == 13)
  }

  @Test(
    "a map of another name for a tensor that is right gives no cause, and a wrong one a difference")
  func exchanged() throws {
    let swapped = #"{"hidden_states.1": "hidden_states.2", "hidden_states.2": "hidden_states.1"}"#
    let path = Fixture.path("bamba-tiny", "expected.safetensors")
    let report = try verify("bamba-tiny", Reference(path, names: map(swapped)))
    #expect(report.firstDivergence == "hidden_states.1" && report.cause == nil)
  }

  @Test(
    "a map that cannot be used is refused in one sentence",
    arguments: [
      (
        "[1]",
        "a map of names is an object with the names in the file and the captures that they stand for"
      ),
      (#"{"a": 1}"#, "“a” stands for 1; expected the name of a capture, or null"),
      (
        #"{"a.{layer}": "layers.{layer}.atention"}"#,
        "“a.{layer}” stands for “layers.{layer}.atention”, which is no capture (did you mean layers.{layer}.attention?)"
      ),
      (#"{"a": "b"}"#, "“a” stands for “b”, which is no capture"),
      (
        #"{"a": "layers.{layer}.mamba"}"#,
        "“a” and “layers.{layer}.mamba” have {layer} in only one of them"
      ),
      (#"{"a.{layer}": "logits"}"#, "“a.{layer}” and “logits” have {layer} in only one of them"),
      (
        #"{"a.{expert}": "logits"}"#,
        "the name “a.{expert}” is too long or has braces that are neither {layer} nor {layer+1}"
      ),
      (
        #"{"a.{layer": "logits"}"#,
        "the name “a.{layer” is too long or has braces that are neither {layer} nor {layer+1}"
      ),
      (
        #"{"{name}": "logits"}"#,
        "the name “{name}” is too long or has braces that are neither {layer} nor {layer+1}"
      ),
      (#"{"": "logits"}"#, "a name is empty"),
    ])
  func refused(_ text: String, _ sentence: String) throws {
    let error = #expect(throws: FileDiagnosis.self) { try map(text) }
    #expect(error?.kind == .unreadable)
    #expect(error.map { "\($0.cause)" } == sentence)
  }

  @Test("a repeated key, a text that is no JSON and a missing file are refused")
  func unreadable() throws {
    for text in [#"{"a": "logits", "a": null}"#, "{", ""] {
      #expect(throws: FileDiagnosis.self) { try map(text) }
    }
    #expect(throws: FileDiagnosis.self) { try NameMap(folder.file("none.json")) }
  }

  @Test("two tensors that stand for one capture are refused")
  func twice() throws {
    let map = try map(
      #"{"l_out-{layer}": "hidden_states.{layer+1}", "inp_embd": "hidden_states.1"}"#)
    let path = try dump("bamba-tiny", foreign)
    let error = #expect(throws: FileDiagnosis.self) { try Reference(path, names: map) }
    #expect("\(error.map { "\($0.cause)" } ?? "")".hasSuffix("both stand for “hidden_states.1”"))
  }
}
