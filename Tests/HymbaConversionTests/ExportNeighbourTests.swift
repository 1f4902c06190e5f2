import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Exports beside other files")
struct ExportNeighbourTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ path: String, layout: String? = nil) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: layout))
  }

  @discardableResult
  private func export(
    _ model: OpenedModel, _ output: String, shardBytes: Int? = nil
  ) throws -> ExportOutcome {
    try ModelExport(
      model,
      ModelExport.Options(
        output: folder.file(output), shardBytes: shardBytes, replace: true, jobs: 1,
        creator: "test", now: "2026-01-01T00:00:00Z")
    ).write()
  }

  @Test("a file that the index beside it would hide is refused, the folder's own or another's")
  func hidden() throws {
    let original = try open(Fixture.folder("hymba-nvidia-tiny"))
    try export(original, "m", shardBytes: 40_000)
    let before = try FileSystem.entries(of: folder.file("m"))
    for source in [try open(folder.file("m")), original] {
      #expect { try export(source, "m/model.safetensors") } throws: {
        "\($0)"
          == "\(folder.file("m/model.safetensors")): the model.safetensors.index.json beside it names other files, which would be loaded in its place"
          && ($0 as? FileDiagnosis)?.kind == .usage
      }
    }
    #expect(try FileSystem.entries(of: folder.file("m")) == before)
    // By its own name it is found, and the config.json beside it is that of the model.
    #expect(try export(original, "m/other.safetensors").texts == [])
    #expect(try export(original, "m").files == ["model.safetensors"])
  }

  @Test("a lone file's note is about the config.json that it needs, has, or has from another model")
  func loneFile() throws {
    let model = try open(Fixture.folder("hymba-nvidia-tiny"))
    #expect(
      try export(model, "a.safetensors").texts == [
        "a lone file needs the original's config.json beside it to load"
      ])
    for (name, set, notes) in [
      ("same", "hymba-nvidia-tiny", []),
      (
        "other", "hymba-nvidia-options-a",
        [
          "the config.json beside it is not that of this model, and is read with it; name another folder, or remove that file"
        ]
      ),
    ] {
      try folder.makeFolder(name)
      try folder.link(name + "/config.json", to: Fixture.path(set, "config.json"))
      #expect(try export(model, name + "/model.safetensors").texts == notes)
    }
    #expect(
      try open(folder.file("same/model.safetensors")).architecture == model.architecture)
  }

  @Test("what a folder held before and a library would take for this model's is named")
  func left() throws {
    let source = try open(Fixture.folder("hymba-nvidia-tiny"))
    try export(source, "m.hymba")
    try folder.makeFolder("out")
    for name in ["tokenizer.json", "pytorch_model.bin", "README.md", "notes.txt", "config.json"] {
      try folder.write("old", to: "out/" + name)
    }
    let outcome = try export(
      try OpenedModel.open(ModelInput(paths: [folder.file("m.hymba")]), OpeningOptions()), "out")
    #expect(outcome.companions == ["config.json"])
    #expect(
      outcome.texts.last
        == "left in the folder as they were, and not of this export: pytorch_model.bin, tokenizer.json")
    // In place, everything that the source has is of the export.
    try folder.remove("out/pytorch_model.bin")
    #expect(try export(open(folder.file("out")), "out").texts == [])
  }

  @Test("a configuration of another model, with which the folder would not load, is named as that")
  func otherConfiguration() throws {
    try folder.makeFolder("out")
    try folder.link("out/config.json", to: Fixture.path("hymba-nvidia-tiny", "config.json"))
    let outcome = try export(open(Fixture.path("edifice-hymba-tiny", "model.nx")), "out/")
    #expect(
      outcome.texts == [
        "the config.json beside it is not that of this model, and is read with it; name another folder, or remove that file"
      ])
  }

  @Test("what a killed export left in the folder is removed and named")
  func leftovers() throws {
    try folder.makeFolder("out")
    let names = [
      ".config.json.71.1abc.part", "hymba-previous-config.json",
      "hymba-previous-model-00001-of-00002.safetensors",
    ]
    for name in names { try folder.write("old", to: "out/" + name) }
    try folder.write("mine", to: "out/hymba-previous-thoughts.txt")
    let outcome = try export(open(Fixture.folder("hymba-nvidia-tiny")), "out")
    #expect(
      outcome.texts.last
        == "removed what a run that was killed left: " + names.joined(separator: ", "))
    #expect(
      try FileSystem.entries(of: folder.file("out"))
        == (outcome.companions + outcome.files + ["hymba-previous-thoughts.txt"]).sorted())
  }

  @Test(
    "an .nx file is refused for a model that Edifice does not build, by what that model is",
    arguments: [
      ("hymba-nvidia-tiny", "a Hymba of NVIDIA's"), ("jamba-tiny", "a Jamba"),
      ("zamba-tiny", "a Zamba"),
    ])
  func notOfEdifice(_ set: String, _ title: String) throws {
    try export(open(Fixture.folder(set)), "m.hymba")
    for source in [Fixture.folder(set), folder.file("m.hymba")] {
      #expect { try export(open(source), "x.nx") } throws: {
        "\($0)"
          == "\(source): an .nx file holds a Hymba as Edifice builds it, and this is \(title), which is another network; name a folder, a .safetensors or a .hymba file"
          && ($0 as? FileDiagnosis)?.kind == .usage
      }
    }
    #expect(try folder.entries == ["m.hymba"])
  }

  @Test("what an Edifice file says of its network is not lost without a word where it is kept verbatim")
  func verbatim() throws {
    let model = try open(Fixture.path("edifice-hymba-tiny", "model.nx"), layout: "verbatim")
    #expect(
      try export(model, "v.safetensors").texts == [
        "the spec in model.nx is not written, as verbatim keeps tensors and texts alone"
      ])
    #expect(try export(model, "v.hymba").texts == [])
  }
}
