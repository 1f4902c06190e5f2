import TestSupport
import Testing

@testable import HymbaFormat

/// Containers whose manifest lies about its base, with its right digest in the header.
@Suite("Container: manifests that lie about a base")
struct HostileBaseTests {
  struct Lie: CustomTestStringConvertible {
    var testDescription: String
    /// The base's member after its fingerprint, or the whole member.
    var base: String
    var tensors = ""
    var entries: [Forgery.Entry] = []
    var version = "2.0"
    var text: String
  }

  private static let invalid = "the manifest is not valid: "
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  /// The base that lies beside each of them.
  private static let baseEntries: [MemorySource.Entry] = [
    .init("t", .uint8, [2000], Random.bytes(2000)), .init("abc", .uint8, [3], Array("abc".utf8)),
  ]

  private static func member(_ tensors: String = "", file: String = "base.hymba") -> String {
    "{\"fingerprint\":\"FINGERPRINT\",\"file\":\"\(file)\",\"bytes\":1,\"tensors\":[\(tensors)]}"
  }

  private static func tensor(_ name: String, _ shape: String, dtype: String = "U8", _ sha256: String = abc) -> String {
    "{\"name\":\"\(name)\",\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"sha256\":\"\(sha256)\"}"
  }

  private static func difference(
    _ name: String = "t", dtype: String = "U8", shape: String = "[2000]", chunk: String = "1048576"
  ) -> String {
    Forgery.tensor(
      name, dtype: dtype, shape: shape, encoding: "\"encoding\":\"delta\",\"chunkElements\":\(chunk)", entry: name + "@delta")
  }

  private static func section(_ name: String = "t", _ count: Int = 128) -> [Forgery.Entry] {
    [.init(name + "@delta", bytes: [UInt8](repeating: 0, count: count))]
  }

  static let records: [Lie] = [
    Lie(testDescription: "no fingerprint", base: "{\"file\":\"b\",\"bytes\":1}", text: invalid + "its base has no valid fingerprint"),
    Lie(
      testDescription: "a fingerprint that is none", base: "{\"fingerprint\":\"00\",\"file\":\"b\",\"bytes\":1}",
      text: invalid + "its base has no valid fingerprint"),
    Lie(
      testDescription: "a negative size", base: "{\"fingerprint\":\"\(abc)\",\"file\":\"b\",\"bytes\":-1}",
      text: invalid + "its base has no valid bytes"),
    Lie(
      testDescription: "a base in a file of version 1", base: member(), version: "1.3",
      text: invalid + "it is of version 1.3, and a base came with 2.0"),
    Lie(
      testDescription: "a tensor that the base does not have", base: member(tensor("u", "[3]")),
      text: invalid + "it needs “u” of its base, which has no such tensor"),
    Lie(
      testDescription: "another shape", base: member(tensor("abc", "[1,3]")),
      text: invalid + "it needs “abc” of its base as U8 [1, 3], and it is U8 [3] there"),
    Lie(
      testDescription: "another type", base: member(tensor("abc", "[3]", dtype: "I8")),
      text: invalid + "it needs “abc” of its base as I8 [3], and it is U8 [3] there"),
    Lie(
      testDescription: "another digest", base: member(tensor("abc", "[3]", Forgery.emptySHA256)),
      text: invalid + "it says that “abc” is equal to its base's, which has another SHA-256"),
    Lie(
      testDescription: "a type that is none", base: member(tensor("abc", "[3]", dtype: "U9")),
      text: invalid + "the tensor “abc” of its base has no valid dtype"),
    Lie(
      testDescription: "a tensor twice", base: member(tensor("abc", "[3]") + "," + tensor("abc", "[3]")),
      text: "the tensor “abc” is listed twice"),
    Lie(
      testDescription: "a reserved name", base: member(tensor("hymba.manifest", "[3]")),
      text: invalid + "the tensor name “hymba.manifest” is reserved"),
    Lie(
      testDescription: "itself", base: member(file: "c.hymba"), text: invalid + "it names itself as its base"),
  ] + ["", "..", ".", "../b.hymba", "/b.hymba", "a/b"].map {
    Lie(
      testDescription: "the file name “\($0)”", base: member(file: $0), text: invalid + "its base has no valid file name")
  }

  static let sections: [Lie] = [
    Lie(
      testDescription: "a difference without a base", base: "", tensors: difference(), entries: section(),
      text: invalid + "the tensor “t” is stored as the difference from a base, and it names no base"),
    Lie(
      testDescription: "a difference from a tensor that is not there", base: member(), tensors: difference("u"),
      entries: section("u"), text: invalid + "it needs “u” of its base, which has no such tensor"),
    Lie(
      testDescription: "a difference from another shape", base: member(), tensors: difference(shape: "[2,1000]"),
      entries: section(), text: invalid + "it needs “t” of its base as U8 [2, 1000], and it is U8 [2000] there"),
    Lie(
      testDescription: "another size of chunks", base: member(), tensors: difference(chunk: "1000"), entries: section(),
      text: invalid + "the tensor “t” has no valid chunkElements"),
    Lie(
      testDescription: "a scalar", base: member(), tensors: difference(shape: "[]"), entries: section(),
      text: invalid + "the tensor “t” has no valid chunkElements"),
    Lie(
      testDescription: "a type that is only kept", base: member(), tensors: difference(dtype: "F4"), entries: section(),
      text: invalid + "the tensor “t” has no valid chunkElements"),
    Lie(
      testDescription: "a section without room for its table", base: member(), tensors: difference(),
      entries: section("t", 16),
      text: "the header is damaged: the entry “t@delta” does not fit the tensor “t”"),
    Lie(
      testDescription: "more elements than a table has room for", base: member(),
      tensors: difference(shape: "[1125899906842624]"), entries: section(),
      text: "the header is damaged: the entry “t@delta” does not fit the tensor “t”"),
  ]

  private func open(_ lie: Lie) throws -> ContainerSource {
    let folder = try TemporaryFolder()
    let base = try ContainerSource(folder.container("base.hymba", .zstd, Self.baseEntries))
    let member = lie.base.replacing("FINGERPRINT", with: "\(base.fingerprint)")
    let manifest = Forgery.manifest(
      tensors: "[\(lie.tensors)]", version: lie.version, more: member.isEmpty ? "" : ",\"base\":\(member)")
    let forged = Forgery(entries: lie.entries, manifest: manifest, version: lie.version)
    return try ContainerSource(folder.write(forged.bytes, to: "c.hymba"))
  }

  @Test("what is said of a base is checked", arguments: records)
  func record(_ lie: Lie) { #expect(message { _ = try open(lie) } == lie.text) }

  @Test("what is said of differences is checked", arguments: sections)
  func section(_ lie: Lie) { #expect(message { _ = try open(lie) } == lie.text) }

  @Test("an attachment is never a difference")
  func attachment() throws {
    let attachment = Self.difference("hymba.files/a")
    let lie = Lie(
      testDescription: "", base: Self.member() + ",\"attachments\":[\(attachment)]", entries: Self.section("hymba.files/a"),
      text: "")
    #expect(
      message { _ = try open(lie) } == Self.invalid
        + "the attachment “hymba.files/a” is stored as a difference, which only tensors are")
  }

  @Test("two containers that name each other are refused as such, and a chain of five by its length")
  func cycle() throws {
    let folder = try TemporaryFolder()
    // All hold nothing, so that each has the fingerprint that another one says.
    for (name, other) in [
      ("a.hymba", "b.hymba"), ("b.hymba", "a.hymba"), ("1.hymba", "2.hymba"), ("2.hymba", "3.hymba"),
      ("3.hymba", "4.hymba"), ("4.hymba", "5.hymba"), ("5.hymba", "absent.hymba"),
    ] {
      let member = Self.member(file: other).replacing("FINGERPRINT", with: Forgery.emptySHA256)
      let manifest = Forgery.manifest(tensors: "[]", version: "2.0", more: ",\"base\":\(member)")
      try folder.write(Forgery(entries: [], manifest: manifest, version: "2.0").bytes, to: name)
    }
    #expect(
      message { _ = try ContainerSource(folder.file("a.hymba")) }
        == "it leads back to itself: \(folder.file("a.hymba")) is needed to read \(folder.file("a.hymba"))")
    #expect(
      message { _ = try ContainerSource(folder.file("1.hymba")) }
        == "a chain of more than 4 containers, each relative to the next one, is not read")
    #expect(message { _ = try ContainerSource(folder.file("2.hymba")) } == nil)
  }

  @Test("a container of version 2 that stands alone is read")
  func alone() throws {
    let folder = try TemporaryFolder()
    let manifest = Forgery.manifest(
      tensors: "[\(Forgery.tensor("t", shape: "[3]", sha256: Self.abc, xxh3: try Forgery.xxh3(of: Array("abc".utf8))))]",
      version: "2.0")
    let bytes = Forgery(entries: [.init("t", bytes: Array("abc".utf8))], manifest: manifest, version: "2.0").bytes
    let source = try ContainerSource(folder.write(bytes, to: "c.hymba"))
    #expect(!source.isRelative && source.missingBase == nil)
    #expect(try source.bytes(of: source.tensors[0]) == Array("abc".utf8))
  }

  /// Sections whose digest is right, so that their content is decoded.
  @Test(
    "differences that do not fit the elements are damage",
    arguments: [
      (positions: [UInt8]([1, 2]), values: [UInt8]([1]), why: "its chunk 0 has other differences than elements"),
      ([255, 255, 255, 255, 255, 255, 255, 254, 1], [1, 1], "its chunk 0 has other differences than elements"),
      ([], [1, 2, 3], "its chunk 0 has other differences than elements"),
      ([UInt8](repeating: 0, count: 2008), [1], "frame 0 decodes to 2008 bytes instead of at most 2007"),
      ([1], [UInt8](repeating: 0, count: 2001), "frame 1 decodes to 2001 bytes instead of at most 2000"),
    ])
  func content(_ positions: [UInt8], _ values: [UInt8], _ why: String) throws {
    let folder = try TemporaryFolder()
    let base = try ContainerSource(folder.container("base.hymba", .zstd, Self.baseEntries))
    let chunk = try ChunkEncoder(.default).encode(positions: positions, values: values, .uint8)
    var frames: [SeekTable.Frame] = []
    for frame in chunk.frames {
      frames.append(
        .init(
          offset: frames.last.map { $0.offset + $0.storedBytes } ?? 0, storedBytes: frame.storedBytes,
          decodedBytes: frame.decodedBytes))
    }
    let section = chunk.bytes + SeekTable.tail(for: frames, sectionOffset: 0)
    let tensor = Forgery.tensor(
      "t", shape: "[2000]", encoding: "\"encoding\":\"delta\",\"chunkElements\":1048576", entry: "t@delta",
      xxh3: try Forgery.xxh3(of: section))
    let member = Self.member().replacing("FINGERPRINT", with: "\(base.fingerprint)")
    let manifest = Forgery.manifest(tensors: "[\(tensor)]", version: "2.0", more: ",\"base\":\(member)")
    let forged = Forgery(entries: [.init("t@delta", bytes: section)], manifest: manifest, version: "2.0")
    let source = try ContainerSource(folder.write(forged.bytes, to: "c.hymba"))
    #expect(message { _ = try source.bytes(of: source.tensors[0]) } == "the tensor “t” is damaged: \(why)")
  }
}
