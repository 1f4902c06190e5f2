import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Exports where something is")
struct ExportPlaceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ path: String, layout: String? = nil) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: layout))
  }

  @discardableResult
  private func export(
    _ model: OpenedModel, _ output: String, shardBytes: Int? = nil, cast: Cast? = nil
  ) throws -> ExportOutcome {
    try ModelExport(
      model,
      ModelExport.Options(
        output: folder.file(output), shardBytes: shardBytes, cast: cast, replace: true, jobs: 1,
        creator: "test", now: "2026-01-01T00:00:00Z")
    ).write()
  }

  /// A copy of a recorded set, in shards.
  private func copy(to name: String) throws -> OpenedModel {
    let original = try open(Fixture.folder("hymba-nvidia-tiny"))
    try export(original, name, shardBytes: 40_000)
    return original
  }

  private func expectEqual(_ path: String, _ model: OpenedModel) throws {
    let written = try open(folder.file(path))
    #expect(written.architecture == model.architecture)
    #expect(Set(written.parameters.tensors) == Set(model.parameters.tensors))
    for tensor in model.parameters.tensors {
      #expect(try written.parameters.bytes(of: tensor) == model.parameters.bytes(of: tensor))
    }
  }

  @Test(
    "a folder may be exported onto itself, by whatever path, divided otherwise or not",
    arguments: ["m", "link", "m/model.safetensors.index.json"], [40_000, 60_000, nil])
  func inPlace(_ source: String, _ shardBytes: Int?) throws {
    let original = try copy(to: "m")
    let companions = try folder.entries(of: "m").filter { !$0.hasPrefix("model") }
    try folder.link("link", to: "m")
    let outcome = try export(open(folder.file(source)), "m", shardBytes: shardBytes)
    try expectEqual("m", original)
    #expect(try folder.entries(of: "m") == (companions + outcome.files).sorted())
  }

  @Test("a container or a single file may be exported onto itself")
  func fileInPlace() throws {
    let original = try copy(to: "m")
    try export(original, "m.hymba")
    try folder.link("link.hymba", to: "m.hymba")
    try export(open(folder.file("m.hymba")), "link.hymba", cast: Cast(to: .float64))
    #expect(FileSystem.isLink(folder.file("link.hymba")))
    #expect(
      try open(folder.file("m.hymba")).parameters.tensors.allSatisfy { $0.type == .float64 })
  }

  @Test("weights that are no part of a source in the same folder are not removed")
  func part() throws {
    _ = try copy(to: "m")
    let before = try folder.entries(of: "m")
    let shard = try open(
      folder.file("m/model-00002-of-\(count(before)).safetensors"), layout: "verbatim")
    #expect { try export(shard, "m") } throws: {
      "\($0)"
        == "\(folder.file("m/model-00001-of-\(count(before)).safetensors")): this would be removed and is no part of the source, which lies in the same folder; name another folder"
        && ($0 as? FileDiagnosis)?.kind == .usage
    }
    #expect(try folder.entries(of: "m") == before)
  }

  private func count(_ entries: [String]) -> String {
    String(entries.first { $0.hasPrefix("model-") }?.dropLast(".safetensors".count).suffix(5) ?? "")
  }

  @Test("one of several files of the source is not replaced by what is made of all")
  func oneOfSeveral() throws {
    _ = try copy(to: "m")
    let before = try folder.entries(of: "m")
    let output = "m/model-00001-of-\(count(before)).safetensors"
    let message =
      "\(folder.file(output)): this is one of the \(before.count { $0.hasPrefix("model-") }) files of the source, which would not be whole without it; name another output"
    #expect { try export(open(folder.file("m")), output) } throws: { "\($0)" == message }
    #expect { try open(folder.file("m")).requireIntact(afterWriting: folder.file(output)) } throws: {
      "\($0)" == message
    }
    #expect(try folder.entries(of: "m") == before)
  }

  @Test("a cast that may lose something does not take the place of its source, under whatever name")
  func castInPlace() throws {
    try folder.makeFolder("m2")
    for name in ["config.json", "model.safetensors"] {
      try folder.write(
        InputFile.contents(of: Fixture.path("hymba-nvidia-tiny", name), limit: 1 << 24),
        to: "m2/" + name)
    }
    try folder.link("link.safetensors", to: folder.file("m2/model.safetensors"))
    try folder.link("other", to: folder.file("m2"))
    for output in ["m2", "other", "link.safetensors", "m2/model.safetensors"] {
      #expect {
        try ModelExport(
          open(folder.file("m2")),
          ModelExport.Options(
            output: folder.file(output), cast: Cast(to: .float16), replace: true, jobs: 1,
            creator: "test", now: "")
        ).write()
      } throws: {
        "\($0)"
          == "\(folder.file(output)): the cast would take the place of the checkpoint that it is made from, which cannot be got back from it; name another output"
      }
    }
  }

  private func sourceWithLinks(_ links: [(String, String)]) throws -> String {
    try folder.makeFolder("stranger/snapshots/1")
    let source = "stranger/snapshots/1/"
    for name in ["config.json", "model.safetensors"] {
      try folder.link(source + name, to: Fixture.path("hymba-nvidia-tiny", name))
    }
    try folder.write("secret", to: "secret")
    for (name, target) in links { try folder.link(source + name, to: target) }
    return folder.file(source)
  }

  @Test("links that lead out of the source folder are named and not copied")
  func strayLinks() throws {
    let source = try sourceWithLinks([
      ("tokenizer.json", folder.file("secret")), ("modeling_x.py", "/etc/passwd"),
      ("vocab.json", "../../../secret"), ("merges.txt", "nowhere"),
    ])
    let outcome = try export(open(source), "out")
    #expect(outcome.companions == ["config.json"])
    // The tokenizer is not said to be missing.
    #expect(
      outcome.texts == [
        "not copied, as they are links that lead out of the source folder: merges.txt, modeling_x.py, tokenizer.json, vocab.json"
      ])
    #expect(try folder.entries(of: "out") == ["config.json", "model.safetensors"])
  }

  @Test("the cache's folder of blobs is no way out either when it is a link itself")
  func linkedBlobs() throws {
    let source = try sourceWithLinks([("tokenizer.json", "../../blobs/secret")])
    try folder.link("stranger/blobs", to: folder.path)
    let outcome = try export(open(source), "out")
    #expect(outcome.companions == ["config.json"])
    #expect(try folder.entries(of: "out") == ["config.json", "model.safetensors"])
  }

  @Test(
    "a name that promises what is not written is refused by an export, in whatever letters",
    arguments: ["x.pt", "x.ONNX", "x.h5", "x.npz", "x.bin", "config.json", "-", ""])
  func names(_ output: String) throws {
    let model = try open(Fixture.path("edifice-hymba-tiny", "model.nx"))
    let message =
      switch output {
      case "-":
        "nothing is written to standard output; name a file"
      case "": "the name of the output is empty; name what to write"
      default:
        ".\(output.lowercased().split(separator: ".")[1]) files are not written; name a .safetensors, .gguf, .nx or .hymba file, or a folder"
      }
    #expect {
      try ModelExport(
        model, ModelExport.Options(output: output, jobs: 1, creator: "test", now: ""))
    } throws: {
      "\($0)" == message && ($0 as? ConversionError)?.kind == .usage
    }
  }
}

extension TemporaryFolder {
  fileprivate func entries(of name: String) throws -> [String] {
    try FileSystem.entries(of: file(name))
  }
}
