import HymbaCheckpoints
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// `edifice-hymba-tiny` has 2 heads, as its `build_opts.json` and the spec in `model.nx` say; no tensor tells.
@Suite("The number of heads in exports")
struct EdificeExportTests {
  private let folder: TemporaryFolder
  private let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")

  init() throws {
    folder = try TemporaryFolder()
    for file in ["model.nx", "bare.nx"] {
      try folder.link(file, to: Fixture.path("edifice-hymba-tiny", file))
    }
  }

  private func open(_ path: String, configuration: String? = nil) throws -> OpenedModel {
    try FamilyFixture.open(folder.file(path), configuration: configuration)
  }

  @discardableResult
  private func export(
    _ model: OpenedModel, _ output: String, layout: String? = nil, replace: Bool = false
  ) throws -> ExportOutcome {
    try ModelExport(
      model,
      ModelExport.Options(
        output: folder.file(output), layout: layout, replace: replace, jobs: 1, creator: "test",
        now: "2026-01-01T00:00:00Z")
    ).write()
  }

  private func heads(_ model: OpenedModel) -> Int? {
    model.architecture?.layers.first?.attention?.heads
  }

  private func assumed(_ model: OpenedModel) -> Set<String> {
    AssumedOption.names(in: model.assumptions)
  }

  private static let assumption =
    "num_heads is assumed to be 4: no configuration says it and no tensor's shape depends on it"

  @Test(
    "a folder carries it in build_opts.json, from whatever the checkpoint is in",
    arguments: ["model.nx", "m.hymba", "folder", "own.safetensors", "options"])
  func folderKeeps(_ source: String) throws {
    let original = try open("model.nx")
    let model: OpenedModel
    if source == "options" {
      model = try open("bare.nx", configuration: options)
    } else {
      if source != "model.nx" {
        try export(original, source == "folder" ? "folder/" : source, layout: source == "own.safetensors" ? "hymba" : nil)
      }
      model = try open(source)
    }
    let outcome = try export(model, "out/", layout: "edifice")
    #expect(outcome.companions == ["build_opts.json"] && outcome.files == ["model.safetensors"])
    let written = try open("out")
    #expect(heads(written) == 2 && assumed(written) == [])
    #expect(written.architecture == original.architecture)
    #expect(written.description.configuration?.origin == "build_opts.json")
    if source == "options" {
      #expect(try folder.read("out/build_opts.json") == InputFile.contents(of: options, limit: 1 << 20))
    }
  }

  @Test("one that is made from the architecture is said to be")
  func derived() throws {
    try export(open("model.nx"), "own.safetensors", layout: "hymba")
    let json = try #require(try open("model.nx").architecture).json
    let architecture = try folder.write(json, to: "architecture.json")
    let model = try open("bare.nx", configuration: architecture)
    let outcome = try export(model, "out/")
    #expect(try heads(open("out")) == 2)
    #expect(outcome.companions == ["build_opts.json"])
  }

  @Test("a configuration that leaves it out, where something else tells it, is completed")
  func completed() throws {
    let silent = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#,
      to: "silent.json")
    let model = try open("model.nx", configuration: silent)
    #expect(heads(model) == 2)
    try export(model, "out/")
    #expect(try heads(open("out")) == 2 && assumed(open("out")) == [])
    try export(model, "out.nx")
    #expect(try heads(open("out.nx")) == 2 && assumed(open("out.nx")) == [])
  }

  @Test("a file alone cannot carry it, which is said, unless the build_opts.json beside it does")
  func file() throws {
    let model = try open("model.nx")
    let note =
      "its 2 heads are in no tensor, so reading it takes a configuration; a folder or an .nx keeps them"
    #expect(try export(model, "a.safetensors").texts == [note])
    #expect(
      try export(model, "a").texts
        == [note, "“a” is one safetensors file; name it “a.safetensors”, or “a/” for a folder"])
    try folder.makeFolder("b")
    try folder.link("b/build_opts.json", to: options)
    #expect(try export(model, "b/a.safetensors").texts == [])
    #expect(try heads(open("b/a.safetensors")) == 2)
    // This one says that there are 4.
    try folder.makeFolder("c")
    try folder.link("c/build_opts.json", to: Fixture.sample("build_opts.json"))
    #expect(
      try export(model, "c/a.safetensors").texts == [
        "the build_opts.json beside it is not that of this model, and is read with it; name another folder, or remove that file"
      ])
  }

  @Test(
    "one that was assumed is assumed again, whatever it went through",
    arguments: [
      ("a.safetensors", nil), ("a.safetensors", "hymba"), ("a.hymba", nil), ("a.nx", nil),
      ("a/", nil), ("a/", "hymba"),
    ] as [(String, String?)])
  func staysAssumed(_ output: String, _ layout: String?) throws {
    let outcome = try export(open("bare.nx"), output, layout: layout)
    if output == "a/", layout == nil {
      #expect(
        outcome.texts == [
          "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known"
        ])
    }
    let written = try open(output)
    #expect(written.assumptions.contains(Self.assumption))
    #expect(heads(written) == 4)
    let known = try open(output, configuration: options)
    #expect(heads(known) == 2 && assumed(known) == [])
    // And again, with our own names.
    try export(written, "again.safetensors", layout: "hymba")
    #expect(try assumed(open("again.safetensors")) == ["num_heads"])
    try export(known, "known.safetensors", layout: "hymba")
    let settled = try open("known.safetensors")
    #expect(heads(settled) == 2 && assumed(settled) == [])
    #expect(settled.parameters.metadata[SafetensorsSource.assumedKey] == nil)
  }

  @Test("what was not assumed in such a file does not yield, and a configuration that is silent settles nothing")
  func doesNotYield() throws {
    try export(open("bare.nx"), "own.safetensors", layout: "hymba")
    let other = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_heads":2,"num_meta_tokens":5}"#,
      to: "other.json")
    #expect(
      FamilyFixture.message(opening: folder.file("own.safetensors"), configuration: other).hasPrefix(
        "the metadata of own.safetensors and other.json disagree: "))
    let silent = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#,
      to: "silent.json")
    let model = try open("own.safetensors", configuration: silent)
    #expect(heads(model) == 4 && assumed(model) == ["num_heads"])
  }

  @Test("an existing build_opts.json is replaced only when that is asked for")
  func existing() throws {
    try folder.makeFolder("out")
    try folder.write("mine", to: "out/build_opts.json")
    let model = try open("model.nx")
    #expect { try export(model, "out/") } throws: {
      "\($0)"
        == "\(folder.file("out/")): exists already".replacing(
          "out/:", with: "out/build_opts.json:")
    }
    #expect(try FileSystem.entries(of: folder.file("out")) == ["build_opts.json"])
    try export(model, "out/", replace: true)
    #expect(try heads(open("out")) == 2)
    // Nothing to write in its place: it is named.
    let outcome = try export(open("bare.nx"), "out/", replace: true)
    #expect(
      outcome.texts == [
        "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known; the one that was in the folder is still there and may describe another model"
      ])
  }
}
