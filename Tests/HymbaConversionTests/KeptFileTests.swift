import Foundation
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Files that a container keeps")
struct KeptFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A copy of a recorded set's folder.
  private func copy(_ path: String, to name: String) throws -> String {
    try folder.makeFolder(name)
    for entry in try FileSystem.entries(of: path) where !FileSystem.isDirectory(path + "/" + entry) {
      try folder.write(InputFile.contents(of: path + "/" + entry, limit: 1 << 24), to: name + "/" + entry)
    }
    return folder.file(name)
  }

  private func convert(
    _ path: String, configuration: String? = nil, layout: String? = nil, to name: String
  ) throws -> (path: String, KeptAttachments) {
    let model = try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration, layout: layout))
    let kept = try KeptAttachments(of: model, files: true, reference: true)
    try ContainerWriter(compression: .zstd, jobs: 2, replace: true, creator: "test").write(
      model.parameters, model.description, with: kept.attachments, to: folder.file(name))
    return (folder.file(name), kept)
  }

  @discardableResult
  private func export(_ path: String, to name: String, layout: String? = nil) throws -> ExportOutcome {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    let options = ModelExport.Options(
      output: folder.file(name) + "/", layout: layout, jobs: 2, creator: "test", now: "")
    return try ModelExport(model, options).write()
  }

  private func contents(of name: String) throws -> [String: [UInt8]] {
    let names = try FileSystem.entries(of: folder.file(name))
    return Dictionary(
      uniqueKeysWithValues: try names.map {
        ($0, try InputFile.contents(of: folder.file(name) + "/" + $0, limit: 1 << 24))
      })
  }

  @Test(
    "a folder comes back from its container as it comes from itself, and its files byte for byte",
    arguments: [
      "../../samples/recall-hymba", "hymba-nvidia-tiny", "jamba-tiny", "zamba-tiny", "zamba2-tiny",
      "falcon-h1-tiny", "bamba-tiny", "granite-hybrid-tiny", "nemotron-h-tiny", "mamba-tiny",
      "falcon-mamba-tiny", "mamba2-tiny",
    ])
  func roundTrip(_ name: String) throws {
    let source = try copy(Fixture.folder(name), to: "source")
    try folder.write("{\"added\": \"by hand\"}\r\n", to: "source/tokenizer_config.json")
    try folder.write([0xFF, 0x00, 0x80], to: "source/tokenizer.model")
    let (container, kept) = try convert(source, to: "c.hymba")
    #expect(kept.notes == [])
    try export(container, to: "through")
    try export(source, to: "direct")
    let (through, direct, original) = try (contents(of: "through"), contents(of: "direct"), contents(of: "source"))
    #expect(through == direct)
    for name in kept.fileNames + ["config.json"] { #expect(through[name] == original[name], "\(name)") }
    #expect(Set(kept.fileNames).isSuperset(of: ["tokenizer_config.json", "tokenizer.model"]))
    #expect(!kept.fileNames.contains("config.json"))
  }

  @Test("of shards and of an index the files of their folder are kept, and of a lone file those around a tokenizer")
  func places() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-small-sharded"), to: "source")
    let (container, kept) = try convert(source + "/model.safetensors.index.json", to: "c.hymba")
    #expect(kept.fileNames == ["generation_config.json"])
    #expect(try ContainerSource(container).attached.fileNames == ["generation_config.json"])
    let lone = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "lone")
    #expect(try convert(lone + "/model.safetensors", to: "l.hymba").1.attachments.isEmpty)
    #expect(try ContainerSource(folder.file("l.hymba")).manifest.formatVersion != "1.3")
    try folder.write("{}", to: "lone/tokenizer.json")
    try folder.write("", to: "lone/modeling_other.py")
    #expect(
      try convert(lone + "/model.safetensors", to: "m.hymba").1.fileNames == ["generation_config.json", "tokenizer.json"])
  }

  @Test("what cannot be kept is said: links out of the folder, and files that are too large")
  func left() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "source")
    try folder.write("secret", to: "outside")
    try folder.link("source/tokenizer.json", to: folder.file("outside"))
    try folder.write("", to: "source/vocab.json")
    let handle = try #require(FileHandle(forWritingAtPath: source + "/vocab.json"))
    try handle.truncate(atOffset: UInt64(Limits.attachedFileBytes) + 1)
    let (container, kept) = try convert(source, to: "c.hymba")
    #expect(
      kept.notes == [
        "not kept inside, as they are links that lead out of the source folder: tokenizer.json",
        "not kept inside, as they are files of more than 64 MiB: vocab.json",
      ])
    #expect(try ContainerSource(container).attached.fileNames == ["generation_config.json"])
  }

  @Test("a folder's own configuration is kept beside one that was given, and comes back under another name")
  func otherConfiguration() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "source")
    let own = try folder.read("source/config.json")
    let given = Array("\n".utf8) + own
    try folder.write(given, to: "given.json")
    let (container, kept) = try convert(source, configuration: folder.file("given.json"), to: "c.hymba")
    #expect(kept.fileNames == ["config.json", "generation_config.json"])
    let outcome = try export(container, to: "out")
    #expect(try folder.read("out/config.json") == given)
    #expect(try folder.read("out/config.original.json") == own)
    #expect(
      outcome.notes.map(\.description).contains(
        "the config.json of the source's folder is written as config.original.json, as the weights were read with another configuration"))
    // Where the given one is of another kind, the folder's own is what its libraries read.
    let model = try FamilyFixture.open(container)
    try folder.write(try #require(model.architecture).json, to: "architecture.json")
    let (second, _) = try convert(source, configuration: folder.file("architecture.json"), to: "d.hymba")
    try export(second, to: "again")
    #expect(try folder.read("again/config.json") == own)
    #expect(!(try FileSystem.entries(of: folder.file("again"))).contains("config.original.json"))
  }

  @Test("a checkpoint under its own names keeps its folder's files, too, and gives them back")
  func verbatim() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "source")
    let (container, kept) = try convert(source, layout: "verbatim", to: "v.hymba")
    #expect(kept.fileNames == ["config.json", "generation_config.json"])
    try export(container, to: "out", layout: "verbatim")
    let (out, original) = try (contents(of: "out"), contents(of: "source"))
    for name in kept.fileNames { #expect(out[name] == original[name]) }
    // One container more on the way changes nothing.
    let (second, _) = try convert(container, to: "w.hymba")
    try export(second, to: "again", layout: "verbatim")
    #expect(try contents(of: "again") == out)
  }

  @Test("an export writes only names that a library reads")
  func strangers() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "source")
    let model = try FamilyFixture.open(source)
    var attachments = Attachments()
    for name in [".bashrc", "model.safetensors", "run.sh", "tokenizer.json"] {
      try attachments.add(.file(name), bytes: Array("x".utf8))
    }
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      model.parameters, model.description, with: attachments, to: folder.file("c.hymba"))
    let outcome = try export(folder.file("c.hymba"), to: "out")
    #expect(try FileSystem.entries(of: folder.file("out")).sorted() == ["config.json", "model.safetensors", "tokenizer.json"])
    #expect(
      outcome.notes.map(\.description).contains(
        "kept in the container and not written here: .bashrc, model.safetensors, run.sh"))
  }

  @Test("an export says what of a later version it leaves out, and a container keeps it")
  func later() throws {
    let source = try copy(Fixture.folder("hymba-nvidia-tiny"), to: "source")
    let model = try FamilyFixture.open(source)
    var attachments = Attachments()
    try attachments.add(.unknown("hymba.later/x"), bytes: [1])
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      model.parameters, model.description, with: attachments, to: folder.file("c.hymba"))
    let text = "not written, as a later version added it and only that knows what it is: hymba.later/x"
    #expect(try export(folder.file("c.hymba"), to: "out").notes.map(\.description).contains(text))
    let container = try ModelExport(
      FamilyFixture.open(folder.file("c.hymba")),
      .init(output: folder.file("d.hymba"), jobs: 1, creator: "test", now: "")
    ).write()
    #expect(!container.notes.map(\.description).contains(text))
    #expect(try ContainerSource(folder.file("d.hymba")).attached.names == [.unknown("hymba.later/x")])
  }

  @Test("metadata are added, not changed")
  func metadata() throws {
    let added = try AddedMetadata(["author=a = b", "run=", "author=a = b"])
    #expect(try added.added(to: ["format": "pt", "run": ""]).sorted.map(\.value) == ["a = b", "pt", ""])
    #expect(throws: ConversionError.metadata("the checkpoint has the metadata “run” already, with another value")) {
      try added.added(to: ["run": "7"])
    }
    for (argument, text) in [
      ("author", "“author” is not of the form KEY=VALUE"), ("=x", "“=x” is not of the form KEY=VALUE"),
      ("a=b\nc", "“a=b\\u{a}c” has control or format characters"),
      ("format=np", "the key “format” has a meaning of its own; name another"),
      ("hymba.version=2", "the key “hymba.version” has a meaning of its own; name another"),
      ("nx_version=1", "the key “nx_version” has a meaning of its own; name another"),
    ] {
      #expect(throws: ConversionError.metadata(text)) { try AddedMetadata([argument]) }
    }
    #expect(throws: ConversionError.metadata("the key “a” is given twice, with different values")) {
      try AddedMetadata(["a=1", "a=2"])
    }
  }
}
