import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: version 1.1")
struct ContainerMinorVersionTests {
  @Test(
    "a container says 1.1 when it has what 1.0 has not, else 1.0",
    arguments: [
      (["a", "b"], .uint8, "1.0"), (["hymba", "a@zst", "\u{E9}"], .uint8, "1.0"),
      (["hymba.a"], .uint8, "1.1"), (["a@zstd"], .uint8, "1.1"),
      (["\u{E9}", "e\u{301}"], .uint8, "1.1"), (["\u{212A}", "K"], .uint8, "1.1"),
      (["a"], .complex64, "1.1"), (["a"], .float8E8M0, "1.1"), (["a"], .float4, "1.1"),
    ] as [([String], ElementType, String)])
  func version(_ names: [String], _ type: ElementType, _ version: String) throws {
    let folder = try TemporaryFolder()
    let entries = names.map {
      MemorySource.Entry($0, type, [8], Random.bytes(type.bitSize, seed: UInt64($0.utf8.count)))
    }
    let path = try folder.container("c", .zstd, entries)
    let source = try ContainerSource(path)
    #expect(source.manifest.formatVersion == version)
    #expect(
      try SafetensorsHeader(reading: InputFile(path)).metadata["hymba.version"] == version)
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a type that is only kept is stored raw and comes back", arguments: ElementType.opaque)
  func opaque(_ type: ElementType) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](count: 4000 * type.bitSize / 8, repeating: [1, 2])
    let path = try folder.container("c", .zstd, [.init("t", type, [40, 100], bytes)])
    let source = try ContainerSource(path)
    #expect(source.manifest.tensors[0].encoding == .raw)
    #expect(source.tensors["t"]?.type == type)
    #expect(try source.bytes(of: source.tensors[0]) == bytes)
    var read: [UInt8] = []
    try source.forEachWindow(of: Array(source.tensors), windowElements: 7, jobs: 2) {
      read += $0.bytes
    }
    #expect(read == bytes)
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("a section of a type that is only kept is refused")
  func opaqueSection() throws {
    let folder = try TemporaryFolder()
    let tensor = Forgery.tensor(
      "t", dtype: "F8_E8M0", shape: "[2000]",
      encoding: "\"encoding\":\"zstd\",\"chunkElements\":1048576", entry: "t@zstd")
    let path = try folder.write(
      Forgery(
        entries: [.init("t@zstd", bytes: [UInt8](repeating: 0, count: 64))],
        manifest: Forgery.manifest(tensors: "[\(tensor)]")
      ).bytes, to: "c")
    #expect(
      message { _ = try ContainerSource(path) }
        == "the manifest is not valid: the tensor “t” has no valid chunkElements")
  }

  @Test("a name that another tensor's section would have does not displace it")
  func sectionNames() throws {
    let folder = try TemporaryFolder()
    let entries = [
      MemorySource.Entry("a", .uint8, [2000], Random.bytes(2000)),
      .init("a@zstd", .uint8, [2], [1, 2]),
    ]
    let source = try ContainerSource(folder.container("c", .zstd, entries))
    #expect(source.manifest.tensors.map(\.entry) == ["a", "a@zstd"])
    for entry in entries {
      #expect(try source.bytes(of: #require(source.tensors[entry.name])) == entry.bytes)
    }
  }

  @Test(
    "a text that no reader accepts is refused before anything is written, also when nothing is read again",
    arguments: ["metadata", "configuration", "assumption"])
  func unreadableTexts(_ place: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "c")
    let text = "e" + String(repeating: "\u{301}", count: 257)
    var description = CheckpointDescription.verbatim()
    var expected = "an assumption"
    switch place {
    case "metadata":
      description.metadata = [text: "x"]
      expected = "the metadata “\(String(text.unicodeScalars.prefix(64)))”"
    case "configuration":
      description.configuration = ConfigurationDocument(origin: "o", text: text)
      expected = "the configuration"
    default: description.assumptions = [text]
    }
    var writer = ContainerWriter.test(.none, replace: true)
    writer.verifies = false
    #expect(
      message { try writer.write(MemorySource([]), description, to: folder.file("c")) }
        == "\(expected) has more than 256 combining marks in a row, which no reader accepts")
    #expect(try folder.entries == ["c"] && folder.read("c") == Array("old".utf8))
  }

  @Test("metadata of a source that cannot be written are left aside, and it is said")
  func keptMetadata() throws {
    let text = "e" + String(repeating: "\u{301}", count: 300)
    let source = try MemorySource([], metadata: ["a": "1", "note": text, text: "2"])
    #expect(source.keptMetadata == ["a": "1"])
    #expect(
      source.remarks == [
        "left aside of the metadata, as there are more than 256 combining marks in a row: “\(String(text.unicodeScalars.prefix(8)))…”, “note”"
      ])
    #expect(try MemorySource([], metadata: ["a": "1"]).remarks == [])
  }
}
