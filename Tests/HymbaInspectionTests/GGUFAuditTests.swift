import Foundation
import HymbaCheckpoints
import HymbaConversion
import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of GGUF files")
struct GGUFAuditTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let expect: String

    var testDescription: String { file }
  }

  static func cases(_ folder: String) -> [Case] {
    struct List: Decodable { let cases: [Case] }
    let data = try? Data(contentsOf: URL(filePath: Fixture.path("gguf", "\(folder)/cases.json")))
    return data.flatMap { try? JSONDecoder().decode(List.self, from: $0) }?.cases ?? []
  }

  private static func audit(_ file: String) throws -> CheckpointAudit {
    try CheckpointAudit(Fixture.path("gguf", file))
  }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: Damage

  @Test("a damaged file has one error, and a model that is not known here a note", arguments: cases("hostile"))
  func hostile(_ hostile: Case) throws {
    let audit = try Self.audit("hostile/\(hostile.file)")
    let errors = audit.findings.count { $0.severity == .error }
    #expect(errors == (hostile.expect == "accept" ? 0 : 1), "\(audit.findings)")
    // What the header says can be looked at where it is whole.
    #expect(audit.findings.filter { $0.severity != .error }.allSatisfy { $0.kind == .layout && $0.severity == .note })
    #expect(!audit.findings.isEmpty)
  }

  @Test("a file whose model contradicts itself has an error", arguments: cases("hostile-model"))
  func contradictions(_ hostile: Case) throws {
    let audit = try Self.audit("hostile-model/\(hostile.file)")
    // A tensor of a layer that is not there is one that the model has no place for.
    let isWrong = hostile.expect == "refuse to run" || hostile.file == "micro-tensor-block-99.gguf"
    #expect(audit.hasErrors == isWrong, "\(audit.findings)")
  }

  @Test("a file that ends early is compared with its model all the same")
  func truncated() throws {
    let path = Fixture.path("gguf", "mamba-tiny/mamba-tiny-f16.gguf")
    let bytes = try InputFile.contents(of: path, limit: 1 << 20)
    try folder.write(Array(bytes.dropLast(40_000)), to: "m.gguf")
    let audit = try CheckpointAudit(folder.file("m.gguf"))
    #expect(audit.layout == "gguf-mamba" && audit.tensorCount == 42)
    let errors = audit.findings.filter { $0.severity != .note }
    #expect(errors.map(\.kind) == [.truncated])
    let whole = try GGUFSource(path)
    // The tensors lie one behind the other, each padded to 32 bytes.
    var ends: [Int] = []
    for tensor in whole.tensors { ends.append(((ends.last ?? 0) + 31) / 32 * 32 + whole.storedBytes(of: tensor)) }
    let left = (ends[ends.count - 1] + 31) / 32 * 32 - 40_000
    #expect(
      errors.first?.message
        == "ends before the data that its header describes: the data of \(ends.count { $0 > left }) tensors are cut off")
    try folder.write(bytes + [0, 0, 0, 0], to: "long.gguf")
    let long = try AuditedFolder.findings(folder.file("long.gguf"))
    #expect(long == [Finding(.trailing, .error, "long.gguf", "has 4 bytes behind its last tensor")])
    try folder.write(Array(bytes[..<2000]), to: "head.gguf")
    #expect(try CheckpointAudit(folder.file("head.gguf")).hasErrors)
  }

  @Test("a split set is looked at as one, by its folder and by any of its files")
  func split() throws {
    let name = { (number: Int) in "mamba-tiny-f16-0000\(number)-of-00003.gguf" }
    for path in ["split", "split/" + name(1), "split/" + name(2)] {
      let audit = try Self.audit(path)
      #expect(audit.tensorCount == 42 && audit.layout == "gguf-mamba" && !audit.hasErrors, "\(path)")
      #expect(audit.findings.contains { $0.kind == .oneShard } == path.hasSuffix(name(2)))
    }
    for number in [1, 3] { try folder.link(name(number), to: Fixture.path("gguf", "split/" + name(number))) }
    #expect(
      try AuditedFolder.findings(folder.file(name(1))) == [
        Finding(.shardMissing, .error, name(2), "is not in the folder, and is one of 3 files of the set")
      ])
  }

  // MARK: Sizes

  @Test("the bytes of an audit are those that the file stores")
  func bytes() throws {
    // 44 tensors of Q8_0, 14 of F16 and 69 of F32 lie in a file of 224,480 bytes.
    let audit = try Self.audit("jamba-tiny/jamba-tiny-q8_0.gguf")
    #expect(audit.totalBytes < 224_480 && audit.totalBytes > 200_000)
  }

  // MARK: llama.cpp

  @Test(
    "what llama.cpp runs has no finding but notes, and what it refuses says why",
    arguments: [
      ("falcon-h1-tiny/falcon-h1-tiny-f32", []), ("granite-hybrid-tiny/granite-hybrid-tiny-q8_0", []),
      ("jamba-tiny/jamba-tiny-f32", []), ("jamba-wide/jamba-wide-q4_k_m", []), ("mamba-tiny/mamba-tiny-q4_0", []),
      ("mamba2-tiny/mamba2-tiny-f32", []), ("nemotron-h-dense/nemotron-h-dense-f32", []),
      ("nemotron-h-moe/nemotron-h-moe-q8_0", []), ("hostile-model/micro-ok", []),
      ("bamba-tiny/bamba-tiny-bf16", ["tokenizer.ggml.tokens", "granitehybrid.rope.dimension_count"]),
      ("nemotron-h-tiny/nemotron-h-tiny-f16", ["tokenizer.ggml.tokens", "nemotron_h_moe.feed_forward_length"]),
    ])
  func recorded(_ stem: String, _ subjects: [String]) throws {
    let found = try Self.audit(stem + ".gguf").findings.filter { $0.severity != .note }
    #expect(found.map(\.subject) == subjects, "\(found)")
    #expect(found.allSatisfy { $0.kind == .llamaCpp && $0.severity == .warning })
  }

  @Test(
    "an export says what an audit finds in what it wrote",
    arguments: [
      "bamba-tiny", "bamba-options", "falcon-h1-options", "granite-hybrid-options", "jamba-tiny", "mamba-options",
      "mamba2-options", "nemotron-h-tiny", "nemotron-h-options",
    ])
  func exported(_ set: String) throws {
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    let outcome = try ModelExport(
      model, .init(output: folder.file("m.gguf"), jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    ).write()
    let notes = outcome.notes.map(\.description)
    for finding in try AuditedFolder.findings(folder.file("m.gguf")) where finding.kind == .llamaCpp {
      #expect(notes.contains("\(finding.subject) \(finding.message)"))
    }
  }

  @Test("a key that llama.cpp needs is a warning beside the default that is taken here")
  func absentEpsilon() throws {
    let key = "jamba.attention.layer_norm_rms_epsilon"
    _ = try findings("jamba-tiny/jamba-tiny-f32", without: [key])
    let found = try CheckpointAudit(folder.file("m.gguf")).findings
    #expect(
      found == [
        Finding(.llamaCpp, .warning, key, "is absent, and llama.cpp refuses a file without it"),
        Finding(
          .assumption, .note, "the GGUF file",
          "does not have \(key): 1e-06, the default of config.json, is assumed, unless --config names the config.json of the original"
        ),
      ], "\(found)")
  }

  @Test("an assumption about a GGUF file is said of a GGUF file")
  func assumptions() throws {
    let notes = try Self.audit("falcon-h1-tiny/falcon-h1-tiny-f32.gguf").findings
    #expect(notes.map(\.kind) == [.assumption, .assumption, .assumption])
    #expect(notes.allSatisfy { $0.subject == "a GGUF file" && $0.message.hasPrefix("does not hold ") })
  }

  /// A copy of a recorded file with other keys and tensors.
  private func findings(
    _ stem: String, without dropped: [String] = [], adding entries: [GGUFEntry] = [],
    half: String? = nil, _ change: (inout [MemorySource.Entry]) throws -> Void = { _ in }
  ) throws -> [Finding] {
    let source = try GGUFSource(Fixture.path("gguf", stem + ".gguf"))
    var tensors = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    try change(&tensors)
    try GGUFWriter.write(
      MemorySource(tensors), as: { $0.name == half ? .f16 : .f32 },
      keys: source.keys.entries { !dropped.contains($0) } + entries, to: folder.file("m.gguf"), replace: true, jobs: 1)
    return try AuditedFolder.findings(folder.file("m.gguf"))
  }

  @Test(
    "a key that llama.cpp needs and this program does not",
    arguments: [
      ("jamba-tiny/jamba-tiny-f32", "jamba.context_length"), ("mamba2-tiny/mamba2-tiny-f32", "mamba2.context_length"),
      ("nemotron-h-dense/nemotron-h-dense-f32", "nemotron_h.feed_forward_length"),
      ("mamba-tiny/mamba-tiny-f16", "tokenizer.ggml.tokens"), ("jamba-tiny/jamba-tiny-f32", "tokenizer.ggml.model"),
    ])
  func keys(_ stem: String, _ key: String) throws {
    let found = try findings(stem, without: [key])
    #expect(found.map(\.subject) == [key] && found.map(\.kind) == [.llamaCpp], "\(found)")
  }

  @Test("a key that both need is an error, and is told once")
  func neededByBoth() throws {
    let found = try findings("jamba-tiny/jamba-tiny-f32", without: ["jamba.ssm.state_size"])
    #expect(found.map(\.kind) == [.configuration], "\(found)")
  }

  @Test(
    "a key of a type that llama.cpp does not take for it",
    arguments: [
      ("jamba-tiny/jamba-tiny-f32", GGUFEntry("jamba.block_count", Float(8)), "f32", "u32"),
      ("jamba-tiny/jamba-tiny-f32", GGUFEntry("jamba.context_length", "64"), "str", "u32"),
      ("jamba-tiny/jamba-tiny-f32", GGUFEntry("jamba.feed_forward_length", Float(48)), "f32", "u32, or an array of i32"),
      ("jamba-tiny/jamba-tiny-f32", GGUFEntry("tokenizer.ggml.bos_token_id", Float(1)), "f32", "u32"),
      ("granite-hybrid-tiny/granite-hybrid-tiny-q8_0", GGUFEntry("granitehybrid.logit_scale", UInt32(5)), "u32", "f32"),
    ])
  func keyTypes(_ stem: String, _ entry: GGUFEntry, _ type: String, _ expected: String) throws {
    let found = try findings(stem, without: [entry.key], adding: [entry]).filter { $0.subject == entry.key }
    let message = "is of the type \(type), and llama.cpp refuses the file: it expects \(expected)"
    #expect(found == [Finding(.llamaCpp, .warning, entry.key, message)])
  }

  @Test("a key that is left aside, and one that cannot be used, read as sentences behind their subjects")
  func sentences() throws {
    let stem = "jamba-tiny/jamba-tiny-f32"
    _ = try findings(stem, adding: [GGUFEntry("jamba.attention.sliding_window", UInt32(4))])
    #expect(
      try CheckpointAudit(folder.file("m.gguf")).findings == [
        Finding(
          .assumption, .note, "jamba.attention.sliding_window (4)",
          "is left aside, as llama.cpp does for this architecture")
      ])
    #expect(
      try findings(stem, adding: [GGUFEntry("jamba.attention.causal", false)]) == [
        Finding(
          .configuration, .error, "m.gguf",
          "cannot be used: jamba.attention.causal is false; expected true: attention to later positions is not computed here"
        )
      ])
  }

  @Test("layers that are of other kinds than the keys say are told in one sentence")
  func kinds() throws {
    let found = try findings(
      "jamba-tiny/jamba-tiny-f32", without: ["jamba.attention.head_count_kv"],
      adding: [GGUFEntry("jamba.attention.head_count_kv", [Int32](repeating: 0, count: 8))])
    let message = try #require(found.first { $0.kind == .layers }?.message)
    #expect(message.hasPrefix("and the tensors disagree: layer 2 should be Mamba, but"), "\(message)")
  }

  @Test("leading axes of one that a writer of llama.cpp leaves out are no fault")
  func droppedAxes() throws {
    let found = try findings("mamba2-tiny/mamba2-tiny-f32") { entries in
      entries = entries.map { entry in
        entry.name.hasSuffix("ssm_norm.weight")
          ? .init(entry.name, entry.type, Array(entry.dimensions.drop { $0 == 1 }), entry.bytes) : entry
      }
    }
    #expect(found.filter { $0.severity != .note } == [], "\(found)")
  }

  @Test("a list of tokens of another length than the embedding, and a file without a tokenizer")
  func vocabulary() throws {
    let tokenizer = ["model", "tokens", "scores", "token_type"].map { "tokenizer.ggml." + $0 }
    let none = GGUFEntry("tokenizer.ggml.model", "no_vocab")
    let stem = "jamba-tiny/jamba-tiny-f32"
    let absent = try findings(stem, without: tokenizer, adding: [none])
    #expect(absent.map(\.subject) == ["jamba.vocab_size"])
    let right = GGUFEntry("jamba.vocab_size", UInt32(64))
    #expect(try findings(stem, without: tokenizer, adding: [none, right]) == [])
    let cut = try findings(stem) { entries in
      entries = entries.map {
        $0.name == "token_embd.weight" || $0.name == "output.weight"
          ? .init($0.name, $0.type, [60, 32], Array($0.bytes[..<(60 * 32 * 4)])) : $0
      }
    }
    #expect(
      cut == [
        Finding(
          .llamaCpp, .warning, "tokenizer.ggml.tokens",
          "has 64 tokens while token_embd.weight has 60 rows, and llama.cpp refuses such a file")
      ])
  }

  @Test("biases of the projections of a Mamba, and a convolution without one")
  func biases() throws {
    let added = try findings("mamba2-tiny/mamba2-tiny-f32") { entries in
      for entry in entries where entry.name.hasSuffix("ssm_in.weight") || entry.name.hasSuffix("ssm_out.weight") {
        let rows = entry.dimensions[0]
        entries.append(
          .init(
            entry.name.replacing(".weight", with: ".bias"), .float32, [rows], Array(repeating: 0, count: 4 * rows)))
      }
    }
    #expect(added.map(\.subject) == ["blk.{0..3}.ssm_in.bias", "blk.{0..3}.ssm_out.bias"])
    #expect(added.allSatisfy { $0.kind == .llamaCpp })
    let without = try findings("mamba2-tiny/mamba2-tiny-f32") { $0.removeAll { $0.name.hasSuffix("ssm_conv1d.bias") } }
    #expect(without.map(\.subject) == ["blk.{0..3}.ssm_conv1d.weight"])
    #expect(without.map(\.kind) == [.llamaCpp])
  }

  @Test("a vector that is stored in 16 bits")
  func types() throws {
    let found = try findings("jamba-tiny/jamba-tiny-f32", half: "blk.0.attn_norm.weight")
    #expect(
      found == [
        Finding(
          .llamaCpp, .warning, "blk.0.attn_norm.weight",
          "is stored as F16, and llama.cpp stops at anything but F32 there")
      ])
  }

  @Test("counts that contradict the tensors, and tensors that lack or have no place")
  func counts() throws {
    let stem = "jamba-tiny/jamba-tiny-f32"
    let fewer = try findings(stem, without: ["jamba.expert_count"], adding: [GGUFEntry("jamba.expert_count", UInt32(3))])
    #expect(!fewer.isEmpty && fewer.allSatisfy { $0.severity == .error }, "\(fewer)")
    let lost = try findings(stem) { $0.removeAll { $0.name == "blk.3.ssm_d" } }
    #expect(lost.map(\.subject) == ["blk.3.ssm_d"] && lost.map(\.kind) == [.parameterMissing])
    let strange = try findings(stem) { $0.append($0[0].named("blk.2.attn_rot.weight")) }
    #expect(strange.map(\.kind) == [.leftover] && strange.map(\.subject) == ["blk.2.attn_rot.weight"])
    let blocks = try findings(
      "mamba2-tiny/mamba2-tiny-f32", without: ["mamba2.block_count"],
      adding: [GGUFEntry("mamba2.block_count", UInt32(3))])
    #expect(!blocks.isEmpty && blocks.allSatisfy { $0.kind == .leftover && $0.subject.hasPrefix("blk.3.") })
  }

  @Test("a size of a feed forward that is not that of the tensors, and heads of values of another size")
  func lengths() throws {
    let stem = "nemotron-h-dense/nemotron-h-dense-f32"
    for (key, value) in [("feed_forward_length", 24), ("attention.value_length", 4)] {
      let name = "nemotron_h." + key
      let found = try findings(stem, without: [name], adding: [GGUFEntry(name, UInt32(value))])
      #expect(found.map(\.kind) == [.configuration], "\(found)")
      #expect(found.allSatisfy { $0.severity == .error && "\($0)".contains(name) }, "\(found)")
    }
  }

  @Test("layers that predict further tokens are kept, and no error")
  func furtherLayers() throws {
    let audit = try Self.audit("nemotron-h-mtp/nemotron-h-mtp-f32.gguf")
    #expect(!audit.hasErrors)
    let carried = audit.findings.filter { $0.kind == .carried }
    #expect(carried.map(\.subject) == ["blk.4.nextn.eh_proj.weight"])
    #expect(
      carried.map(\.message) == [
        "and others, 16 tensors in all, are kept by conversions, and no implementation of the model uses them"
      ])
  }

  @Test("an inner size that is not twice the width")
  func inner() throws {
    let found = try findings(
      "mamba-tiny/mamba-tiny-f16", without: ["mamba.ssm.inner_size"],
      adding: [GGUFEntry("mamba.ssm.inner_size", UInt32(96))])
    #expect(found.contains { $0.kind == .llamaCpp && $0.subject == "mamba.ssm.inner_size" })
    #expect(found.contains { $0.severity == .error })
  }
}
