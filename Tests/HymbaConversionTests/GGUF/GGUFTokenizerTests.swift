import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// What the keys have to be was recorded with llama.cpp's own package, see the README of the fixtures.
@Suite("Tokenizers in GGUF files")
struct GGUFTokenizerTests {
  private let folder: TemporaryFolder
  private let source: TemporaryFolder

  init() throws { (folder, source) = (try TemporaryFolder(), try TemporaryFolder()) }

  /// A folder with `jamba-tiny`, of which the embedding and the head have other rows, and with a tokenizer.
  private func model(
    _ tokenizer: String, rows: Int, changing change: (String) -> String = { $0 }
  ) throws {
    let wide = try ChangedCheckpoint("jamba-tiny") { entries in
      for index in entries.indices where entries[index].dimensions == [64, 32] {
        let entry = entries[index]
        guard entry.name.contains("embed_tokens") || entry.name.contains("lm_head") else { continue }
        let bytes = Array((0...rows / 64).map { _ in entry.bytes }.joined().prefix(rows * 32 * 4))
        entries[index] = .init(entry.name, entry.type, [rows, 32], bytes)
      }
    } configuration: {
      $0.replacing("\"vocab_size\": 64", with: "\"vocab_size\": \(rows)")
    }
    for name in ["model.safetensors", "config.json"] {
      try source.write(InputFile.contents(of: FileSystem.path(wide.path, name), limit: 1 << 24), to: name)
    }
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      let text = try InputFile.contents(of: Fixture.path("gguf-tokenizers", "\(tokenizer)/\(name)"), limit: 1 << 20)
      try source.write(change(String(decoding: text, as: UTF8.self)), to: name)
    }
  }

  private func export(_ source: String) throws -> [String] {
    let options = ModelExport.Options(
      output: folder.file("m.gguf"), replace: true, jobs: 2, creator: "test", now: "2026-01-01T00:00:00Z")
    return try ModelExport(FamilyFixture.open(source), options).write().notes.map(\.description)
  }

  /// The value of one key, as a file with nothing else.
  private static func value(_ keys: GGUFKeys, _ key: String) throws -> [UInt8] {
    try GGUFWriter.file(of: keys.entries { $0 == key })
  }

  private func expectRecorded(_ tokenizer: String) throws {
    let made = try GGUFSource(folder.file("m.gguf")).keys
    let recorded = try GGUFSource(Fixture.path("gguf-tokenizers", "\(tokenizer)/expected.gguf")).keys
    // llama.cpp reads no separator of pairs here, and would take the kind's default for an end that no key names.
    let names = recorded.names.filter { $0.hasPrefix("tokenizer.") && !$0.hasSuffix("add_sep_token") }
    #expect(Set(made.names.filter { $0.hasPrefix("tokenizer.") }) == Set(names + ["tokenizer.ggml.add_eos_token"]))
    for name in names { #expect(try Self.value(made, name) == Self.value(recorded, name), "\(name)") }
    #expect(try made.bool("tokenizer.ggml.add_eos_token") == false)
  }

  @Test("the keys are those of llama.cpp's converter", arguments: [("byte-level", 344), ("byte-fallback", 448)])
  func keys(_ tokenizer: String, _ rows: Int) throws {
    try model(tokenizer, rows: rows)
    let notes = try export(source.path)
    #expect(!notes.contains { $0.contains("placeholders") }, "\(notes)")
    try expectRecorded(tokenizer)
  }

  @Test("a container keeps the tokenizer too")
  func container() throws {
    try model("byte-level", rows: 344)
    let model = try FamilyFixture.open(source.path)
    let kept = try KeptAttachments(of: model, files: true, reference: true)
    try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "test").write(
      model.parameters, model.description, with: kept.attachments, to: folder.file("m.hymba"))
    _ = try export(folder.file("m.hymba"))
    try expectRecorded("byte-level")
  }

  @Test(
    "a tokenizer that llama.cpp does not have is left out, and the reason is said",
    arguments: [
      ("\"type\":\"BPE\"", "\"type\":\"Unigram\"", 344, "it is of the kind Unigram, and no BPE"),
      (
        "\\\\p{N}{1,3}", "\\\\p{N}{1,4}", 344,
        "it divides a text in a way for which no name of llama.cpp's is known here"
      ),
      (
        "\"normalizer\":null", "\"normalizer\":{\"type\":\"Lowercase\"}", 344,
        "it changes a text before it divides it, which llama.cpp does not"
      ),
      ("", "", 340, "it has the id 340, and the embedding has 340 rows"),
    ])
  func unfit(_ old: String, _ new: String, _ rows: Int, _ why: String) throws {
    try model("byte-level", rows: rows) { text in
      // The library writes its documents with spaces and line feeds between the parts.
      let dense = text.replacing("\": ", with: "\":")
      return old.isEmpty ? text : dense.replacing(old, with: new)
    }
    #expect(
      try export(source.path).contains(
        "the tokens have placeholders for names, as the tokenizer of tokenizer.json is not written, since \(why): llama.cpp takes and gives ids, and no text"
      ))
  }

  @Test("a damaged tokenizer does not stand in the way of the weights")
  func damaged() throws {
    try model("byte-level", rows: 344) { _ in "{" }
    #expect(try export(source.path).contains { $0.contains("tokenizer.json cannot be read (") })
  }
}
