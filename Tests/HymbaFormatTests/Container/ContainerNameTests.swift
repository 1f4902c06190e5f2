import HymbaFormat
import TestSupport
import Testing

@Suite("Container: names and metadata")
struct ContainerNameTests {
  @Test(
    "a name of the container's own, or that cannot be printed, is refused before anything is written",
    arguments: [
      (
        "__metadata__",
        "the file has an entry of this name itself; rename the tensor where the checkpoint was made"
      ),
      (
        "hymba.manifest",
        "the file has an entry of this name itself; rename the tensor where the checkpoint was made"
      ),
    ]
      + ["a\nb", "a\0", "a\u{7F}", "a\u{9B}", "a\u{200B}b", "a\u{2029}", "a\u{202E}b", "a\u{E0041}"].map {
        (
          $0,
          "it has control or format characters; rename the tensor where the checkpoint was made"
        )
      })
  func reserved(_ name: String, _ why: String) throws {
    let folder = try TemporaryFolder()
    #expect(
      message {
        _ = try folder.container(
          "x", .none, [.init("ok", .uint8, [1], [1]), .init(name, .uint8, [1], [2])])
      }
        == "the tensor name “\(name.printable)” cannot be stored: \(why)"
    )
    #expect(try folder.entries == [])
  }

  @Test(
    "any other name is kept, byte for byte", arguments: ContainerWriter.Compression.allCases)
  func otherNames(_ compression: ContainerWriter.Compression) throws {
    let names = [
      "hymba", "Hymba.x", "x.hymba.", "zstd", "x@zstd.", "x@zstd@", "a b", "\"quoted\\", "e\u{301}",
      "größe", "模型", "😀", "metadata", "\u{E9}", "hymba.", "hymba.model.weight", "hymba.manifest.x",
      "hymba.manifest@zstd", "hymba.\u{301}x", "a", "a@zstd", "a@zstd@zstd", "@zstd", "x\u{D4E}@zstd",
      "__metadata__x", "a/b", "..",
    ]
    let entries = names.enumerated().map {
      MemorySource.Entry($1, .uint8, [1025], Random.bytes(1025, seed: UInt64($0)))
    }
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c", compression, entries))
    #expect(Set(source.tensors.map { Array($0.name.utf8) }) == Set(names.map { Array($0.utf8) }))
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("the source's own metadata are kept under `source.`, and come back without it")
  func metadata() throws {
    let folder = try TemporaryFolder()
    let metadata: NameTable<String> = [
      "format": "pt", "hymba.version": "9.9", "caf\u{E9}": "1", "cafe\u{301}": "2", "é\n": "\"\\\u{1}", "": "", "source.x": "y",
    ]
    let path = try folder.container("c", .none, [], metadata: metadata)
    let header = try SafetensorsHeader(reading: InputFile(path))
    #expect(header.metadata["format"] == "hymba" && header.metadata["hymba.version"] == "1.0")
    let kept = header.metadata.filter { $0.key.hasPrefix("source.") }
    #expect(
      NameTable(kept) == NameTable(metadata.map { (key: "source." + $0.key, value: $0.value) }))
    #expect(header.metadata.count == 3 + metadata.count)
    let source = try ContainerSource(path)
    #expect(source.metadata == metadata)
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("everything that is known of a checkpoint comes back")
  func description() throws {
    let folder = try TemporaryFolder()
    let description = CheckpointDescription(
      architecture: Array(#"{"a": [1, {"b": null}]}"#.utf8),
      layout: LayoutReference(name: "edifice", variant: NameVariant(prefix: "model.")),
      configuration: ConfigurationDocument(
        origin: "config.json", text: "{\n  \"x\": \"\u{1}é\"\n}\n"),
      metadata: ["k": "v"],
      files: [SourceFile(name: "a.safetensors", bytes: .max), SourceFile(name: "é", bytes: 0)],
      assumptions: ["first", "second “quoted”"], carried: ["t"])
    let written = try ContainerWriter.test(.none).write(
      MemorySource([.init("t", .uint8, [1], [1])]), description, to: folder.file("c"))
    let source = try ContainerSource(folder.file("c"))
    #expect(source.manifest.description == description)
    #expect(source.manifest.creator == "a test" && source.manifest.formatVersion == "1.2")
    #expect(
      source.manifest.tensors == written.tensors
        && source.manifest.headerLength == written.headerLength)
    #expect(
      source.embeddedConfiguration == description.configuration && source.metadata == ["k": "v"])
    #expect(source.location == folder.file("c") && source.files.map(\.name) == ["c"])
    #expect(try source.files[0].bytes == folder.read("c").count)
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a file is opened as what it is")
  func openSafetensors() throws {
    let folder = try TemporaryFolder()
    let container = try folder.container("c", .none, [])
    let plain = try folder.write(safetensors("{}"), to: "s")
    #expect(try CheckpointFile.openSafetensors(container) is ContainerSource)
    #expect(try CheckpointFile.openSafetensors(plain) is SafetensorsSource)
    #expect(message { _ = try ContainerSource(plain) } == "not a .hymba container")
  }
}
