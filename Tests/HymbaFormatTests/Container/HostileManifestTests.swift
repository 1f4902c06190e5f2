import TestSupport
import Testing

@testable import HymbaFormat

/// Containers whose manifest lies, with its right digest in the header, so that the lie is reached.
@Suite("Container: manifests that lie")
struct HostileManifestTests {
  struct Lie: CustomTestStringConvertible {
    var testDescription: String
    var entries: [Forgery.Entry]
    var manifest: String
    var text: String

    init(
      _ testDescription: String, _ tensors: String, aliases: String = "[]",
      entries: [Forgery.Entry] = [.init("t", bytes: [])], _ text: String
    ) {
      self.testDescription = testDescription
      self.entries = entries
      self.manifest = Forgery.manifest(tensors: "[\(tensors)]", aliases: aliases)
      self.text = text
    }

    init(_ testDescription: String, manifest: String, _ text: String) {
      self.testDescription = testDescription
      self.entries = []
      self.manifest = manifest
      self.text = text
    }
  }

  private static func zstd(
    _ name: String = "t", shape: String, chunk: String, dtype: String = "U8",
    xxh3: String = Forgery.emptyXXH3
  ) -> String {
    Forgery.tensor(
      name, dtype: dtype, shape: shape,
      encoding: "\"encoding\":\"zstd\",\"chunkElements\":\(chunk)", entry: name + "@zstd", xxh3: xxh3)
  }

  private static func section(_ count: Int) -> [Forgery.Entry] {
    [.init("t@zstd", bytes: [UInt8](repeating: 0, count: count))]
  }

  /// Where a part of a text begins, in bytes.
  private static func place(of part: String, in text: String) -> Int {
    text.firstRange(of: part).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) }
      ?? -1
  }

  static let sections: [Lie] =
    ["0", "-1", "16777217", "9223372036854775807"].map {
      Lie(
        "chunkElements \($0)", zstd(shape: "[2000]", chunk: $0), entries: section(64),
        "the manifest is not valid: the tensor “t” has no valid chunkElements")
    } + [
      Lie(
        "chunkElements that are no number", zstd(shape: "[2000]", chunk: "\"9\""),
        entries: section(64),
        "the manifest is not valid: an invalid number at byte \(place(of: "\"9\"", in: Forgery.manifest(tensors: "[\(zstd(shape: "[2000]", chunk: "\"9\""))]")))"
      ),
      Lie(
        "no chunkElements",
        Forgery.tensor("t", shape: "[2000]", encoding: "\"encoding\":\"zstd\"", entry: "t@zstd"),
        entries: section(64), "the manifest is not valid: the tensor “t” has no valid chunkElements"
      ),
      Lie(
        "chunkElements of a raw tensor",
        Forgery.tensor("t", encoding: "\"encoding\":\"raw\",\"chunkElements\":1"),
        "the manifest is not valid: the tensor “t” has no valid encoding"),
      Lie(
        "a compressed scalar", zstd(shape: "[]", chunk: "1"), entries: section(64),
        "the manifest is not valid: the tensor “t” has no valid chunkElements"),
      Lie(
        "a compressed tensor without elements", zstd(shape: "[2,0]", chunk: "1"),
        entries: section(64),
        "the manifest is not valid: the tensor “t” has no valid chunkElements"),
      Lie(
        "a section without room for its table", zstd(shape: "[2000]", chunk: "1048576"),
        entries: section(32),
        "the header is damaged: the entry “t@zstd” does not fit the tensor “t”"),
      Lie(
        "more chunks than the section has room for", zstd(shape: "[1000000000000]", chunk: "1"),
        entries: section(1000),
        "the header is damaged: the entry “t@zstd” does not fit the tensor “t”"),
      Lie(
        "as many elements as there can be", zstd(shape: "[9223372036854775807]", chunk: "1"),
        entries: section(1000),
        "the shape [9223372036854775807] of the tensor “t” brings the tensors beyond 1152921504606846976 bytes"
      ),
      Lie(
        "as many elements as are accepted", zstd(shape: "[1152921504606846976]", chunk: "1"),
        entries: section(1000),
        "the header is damaged: the entry “t@zstd” does not fit the tensor “t”"),
      Lie(
        "as many bytes as are accepted",
        zstd(shape: "[144115188075855872]", chunk: "16777216", dtype: "F64"),
        entries: section(1000),
        "the header is damaged: the entry “t@zstd” does not fit the tensor “t”"),
    ]

  static let tensors: [Lie] = [
    Lie(
      "an unknown dtype", Forgery.tensor("t", dtype: "C128"),
      "the manifest is not valid: the tensor “t” has no valid dtype"),
    Lie(
      "a negative dimension", Forgery.tensor("t", shape: "[-1]"),
      "the shape [-1] of the tensor “t” has a negative dimension"),
    Lie(
      "dimensions that overflow", Forgery.tensor("t", shape: "[4294967296,4294967296]"),
      "the shape [4294967296, 4294967296] of the tensor “t” has more elements than 63 bits count"),
    Lie(
      "1000 dimensions",
      Forgery.tensor(
        "t", shape: "[" + [String](repeating: "1", count: 1000).joined(separator: ",") + "]"),
      "the shape [1, 1, 1, 1, 1, 1, 1, 1, …] of the tensor “t” has more than 32 dimensions"),
    Lie(
      "an unknown encoding", Forgery.tensor("t", encoding: "\"encoding\":\"zip\""),
      "the manifest is not valid: the tensor “t” has no valid encoding"),
    Lie(
      "a digest in capitals", Forgery.tensor("t", sha256: Forgery.emptySHA256.uppercased()),
      "the manifest is not valid: the tensor “t” has no valid sha256"),
    Lie(
      "a digest of 63 digits", Forgery.tensor("t", sha256: String(Forgery.emptySHA256.dropLast())),
      "the manifest is not valid: the tensor “t” has no valid sha256"),
    Lie(
      "a digest that is no text", Forgery.tensor("t", sha256: "\\u0000"),
      "the manifest is not valid: the tensor “t” has no valid sha256"),
    Lie(
      "an XXH3 of 64 digits", Forgery.tensor("t", xxh3: Forgery.emptySHA256),
      "the manifest is not valid: the tensor “t” has no valid xxh3"),
    Lie("no name", Forgery.tensor(""), "the tensor name “” is empty"),
    Lie(
      "another entry name", Forgery.tensor("t", entry: "u"), entries: [.init("u", bytes: [])],
      "the manifest is not valid: the tensor “t” has no valid entry"),
    Lie(
      "an entry name that only Unicode holds to be the same",
      Forgery.tensor("e\u{301}", entry: "\u{E9}"),
      entries: [.init("\u{E9}", bytes: [])],
      "the manifest is not valid: the tensor “e\u{301}” has no valid entry"),
    Lie(
      "a section's entry for a raw tensor", Forgery.tensor("t", entry: "t@zstd"),
      entries: section(0),
      "the manifest is not valid: the tensor “t” has no valid entry"),
    Lie(
      "the manifest as a tensor", Forgery.tensor("hymba.manifest"), entries: [],
      "the manifest is not valid: the tensor name “hymba.manifest” is reserved"),
    Lie(
      "a name with a line break", Forgery.tensor("a\\nb"), entries: [.init("a\\nb", bytes: [])],
      "the manifest is not valid: the tensor name “a\\u{a}b” is reserved"),
    Lie(
      "no entry", Forgery.tensor("u"),
      "the header is damaged: it has no entry “u” for the tensor “u”"),
    Lie(
      "an entry that no tensor has", Forgery.tensor("t"),
      entries: [.init("t", bytes: []), .init("u", bytes: [])],
      "the header is damaged: it has entries that the manifest does not name"),
    Lie(
      "a tensor twice", Forgery.tensor("t") + "," + Forgery.tensor("t"),
      "the tensor “t” is listed twice"),
    Lie(
      "another type", Forgery.tensor("t", dtype: "I8"),
      "the header is damaged: the entry “t” does not fit the tensor “t”"),
    Lie(
      "another shape", Forgery.tensor("t", shape: "[0,1]"),
      "the header is damaged: the entry “t” does not fit the tensor “t”"),
    Lie(
      "a section of another type", zstd(shape: "[2000]", chunk: "1048576"),
      entries: [.init("t@zstd", "I8", bytes: [UInt8](repeating: 0, count: 640))],
      "the header is damaged: the entry “t@zstd” does not fit the tensor “t”"),
  ]

  static let aliases: [Lie] = [
    Lie(
      "an alias of nothing", Forgery.tensor("t"), aliases: #"[{"name":"u","of":"v"}]"#,
      "the manifest is not valid: “u” is an alias of “v”, which is not stored"),
    Lie(
      "an alias of itself", Forgery.tensor("t"), aliases: #"[{"name":"u","of":"u"}]"#,
      "the manifest is not valid: “u” is an alias of “u”, which is not stored"),
    Lie(
      "an alias of an alias", Forgery.tensor("t"),
      aliases: #"[{"name":"u","of":"t"},{"name":"v","of":"u"}]"#,
      "the manifest is not valid: “v” is an alias of “u”, which is not stored"),
    Lie(
      "an alias with the name of a tensor", Forgery.tensor("t"),
      aliases: #"[{"name":"t","of":"t"}]"#,
      "the tensor “t” is listed twice"),
    Lie(
      "an alias twice", Forgery.tensor("t"),
      aliases: #"[{"name":"u","of":"t"},{"name":"u","of":"t"}]"#,
      "the tensor “u” is listed twice"),
    Lie(
      "an alias without a name", Forgery.tensor("t"), aliases: #"[{"name":"","of":"t"}]"#,
      "the tensor name “” is empty"),
    Lie(
      "an alias with a reserved name", Forgery.tensor("t"),
      aliases: #"[{"name":"hymba.manifest","of":"t"}]"#,
      "the manifest is not valid: the tensor name “hymba.manifest” is reserved"),
    Lie(
      "an alias without a target", Forgery.tensor("t"), aliases: #"[{"name":"u"}]"#,
      "the manifest is not valid: an object lacks “of”"),
  ]

  static let documents: [Lie] =
    [
      #""creator":"","headerLength":1016,"layout":{"name":"x"}"#,
      #""creator":"","headerLength":1016,"tensors":[]"#,
      #""creator":"","layout":{"name":"x"},"tensors":[]"#,
      #""headerLength":1016,"layout":{"name":"x"},"tensors":[]"#,
    ].map {
      Lie(
        "only \($0)", manifest: "{\"formatVersion\":\"1.0\",\($0)}",
        "the manifest is not valid: it lacks one of creator, headerLength, layout and tensors")
    } + [
      Lie("nothing", manifest: "", "the manifest is not valid: the text ends early at byte 0"),
      Lie("no object", manifest: "[]", "the manifest is not valid: expected an object at byte 0"),
      Lie(
        "no keys", manifest: "{}",
        "the manifest is not valid: the format version “” is not MAJOR.MINOR"),
      Lie(
        "an architecture that is a number",
        manifest: Forgery.manifest(tensors: "[]").replacing(
          #""architecture":null"#, with: #""architecture":0"#),
        "the manifest is not valid: its architecture is neither an object nor null"),
      Lie(
        "a variant without a word",
        manifest: #"{"layout":{"name":"x","variant":""}}"#,
        "the manifest is not valid: the variant of its layout is empty"),
      Lie(
        "a source's file without a name",
        manifest: #"{"source":{"files":[{"bytes":1}]}}"#,
        "the manifest is not valid: a file of its source has no valid name"),
      Lie(
        "a source's file of less than nothing",
        manifest: #"{"source":{"files":[{"name":"f","bytes":-1}]}}"#,
        "the manifest is not valid: a file of its source has no valid bytes"),
      Lie(
        "probes that are no list", manifest: #"{"probes":{}}"#,
        "the manifest is not valid: expected an array at byte 10"),
      Lie(
        "a layout without a name", manifest: #"{"layout":{}}"#,
        "the manifest is not valid: its layout has no name"),
      Lie(
        "a key twice", manifest: #"{"creator":"","creator":""}"#,
        "the manifest is not valid: the key “creator” is given twice at byte 14"),
      Lie(
        "text behind the end", manifest: Forgery.manifest(tensors: "[]") + "{}",
        "the manifest is not valid: text after the end at byte \(Forgery.manifest(tensors: "[]").utf8.count)"
      ),
      Lie(
        "deep nesting in a key that nobody knows",
        manifest: Forgery.manifest(
          tensors: "[]", more: ",\"future\":" + String(repeating: "[", count: 100_000)),
        "the manifest is not valid: more than the 64 nested levels that are read here at byte \(Forgery.manifest(tensors: "[]").utf8.count - 1 + 10 + 64)"
      ),
      Lie(
        "deep nesting in the architecture",
        manifest: "{\"architecture\":" + String(repeating: "{\"a\":", count: 100_000),
        "the manifest is not valid: more than the 64 nested levels that are read here at byte 332"),
      Lie(
        "a tensor that it carries and does not have",
        manifest:
          #"{"formatVersion":"1.0","creator":"","headerLength":1016,"layout":{"name":"x"},"tensors":[],"carried":["ghost"]}"#,
        "the manifest is not valid: it carries “ghost”, which it does not have"),
    ]

  @Test(
    "a lie is refused in one sentence when the container is opened",
    arguments: sections + tensors + aliases + documents)
  func refused(_ lie: Lie) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Forgery(entries: lie.entries, manifest: lie.manifest).bytes, to: "c")
    #expect(message { _ = try ContainerSource(path) } == lie.text)
    #expect(message { _ = try CheckpointFile.openSafetensors(path) } == lie.text)
  }

  @Test("a section that holds less than the manifest says is refused when it is read")
  func otherSize() throws {
    let folder = try TemporaryFolder()
    let written = try folder.container("w", .zstd, [.init("t", .uint8, [2000], Random.bytes(2000))])
    let range = try ContainerSource(written).storedRanges[0]
    let section = Array(try folder.read("w")[range])
    var hasher = try XXH3Hasher()
    hasher.update(section.raw)
    let xxh3 = "\(hasher.finalize())"
    for (shape, chunk, text) in [
      ("[2001]", "1048576", "frame 0 decodes to 2000 bytes instead of 2001"),
      ("[16777216]", "16777216", "frame 0 decodes to 2000 bytes instead of 16777216"),
      ("[2000]", "1000", "its seek table is not valid"),
      (
        "[1000,2]", "1",
        "its section of \(section.count) bytes is too short for a seek table of 16025"
      ),
    ] {
      let manifest = Forgery.manifest(tensors: "[\(Self.zstd(shape: shape, chunk: chunk, xxh3: xxh3))]")
      let path = try folder.write(
        Forgery(entries: [.init("t@zstd", bytes: section)], manifest: manifest).bytes, to: "c")
      guard chunk != "1" else {
        #expect(
          message { _ = try ContainerSource(path) }
            == "the header is damaged: the entry “t@zstd” does not fit the tensor “t”")
        continue
      }
      let source = try ContainerSource(path)
      let one = message {
        _ = try [UInt8](count: 1) { try source.read(source.tensors[0], from: 0, into: &$0) }
      }
      #expect(one == "the tensor “t” is damaged: \(text)")
    }
  }

  @Test("wrong digests with otherwise right contents are found by name")
  func wrongDigests() throws {
    let folder = try TemporaryFolder()
    let tensor = Forgery.tensor("t", shape: "[3]")
    let path = try folder.write(
      Forgery(
        entries: [.init("t", bytes: [1, 2, 3])], manifest: Forgery.manifest(tensors: "[\(tensor)]")
      ).bytes, to: "c")
    #expect(
      try ContainerSource(path).findDamage(jobs: 1).map(\.description)
        == ["the tensor “t” is damaged: its stored bytes have another XXH3 than the manifest says"])
    let empty = Forgery.tensor("t", sha256: String(repeating: "0", count: 64))
    try folder.write(
      Forgery(entries: [.init("t", bytes: [])], manifest: Forgery.manifest(tensors: "[\(empty)]"))
        .bytes, to: "c")
    #expect(
      try ContainerSource(path).findDamage(jobs: 1).map(\.description)
        == [
          "the tensor “t” is damaged: its decoded bytes have another SHA-256 than the manifest says"
        ])
    #expect(try ContainerSource(path).findDamage(jobs: 1, comparesSHA256: false) == [], "which was not asked for")
  }

  @Test(
    "a section that does not decode, or not to its digest, is found also when its stored bytes have their digest"
  )
  func sectionWithRightXXH3() throws {
    let folder = try TemporaryFolder()
    let bytes = Random.bytes(2000)
    let range = try ContainerSource(
      folder.container("w", .zstd, [.init("t", .uint8, [2000], bytes)])
    ).storedRanges[0]
    let section = Array(try folder.read("w")[range])
    func damage(_ section: [UInt8], sha256: String, comparesSHA256: Bool = true) throws -> [String] {
      var hasher = try XXH3Hasher()
      hasher.update(section.raw)
      let tensor = Forgery.tensor(
        "t", shape: "[2000]", encoding: "\"encoding\":\"zstd\",\"chunkElements\":1048576",
        sha256: sha256, entry: "t@zstd",
        xxh3: "\(hasher.finalize())")
      let forgery = Forgery(
        entries: [.init("t@zstd", bytes: section)],
        manifest: Forgery.manifest(tensors: "[\(tensor)]"))
      return try ContainerSource(folder.write(forgery.bytes, to: "c")).findDamage(
        jobs: 2, comparesSHA256: comparesSHA256
      ).map(\.description)
    }
    let right = "\(SHA256Digest(of: bytes))"
    #expect(try damage(section, sha256: right) == [])
    #expect(
      try damage(section, sha256: Forgery.emptySHA256)
        == [
          "the tensor “t” is damaged: its decoded bytes have another SHA-256 than the manifest says"
        ])
    var broken = section
    broken[0] ^= 1
    #expect(
      try damage(broken, sha256: right)
        == ["the tensor “t” is damaged: its chunk 0 does not decode: Unknown frame descriptor"])
    #expect(try damage(section, sha256: Forgery.emptySHA256, comparesSHA256: false) == [])
    // Without the SHA-256 the checksum of the frame, which are its last four bytes, is all that decoded bytes must have.
    broken = section
    let frameBytes = Int(section[section.count - 33 + 8]) | Int(section[section.count - 33 + 9]) << 8
    broken[frameBytes - 1] ^= 1
    #expect(
      try damage(broken, sha256: right, comparesSHA256: false)
        == ["the tensor “t” is damaged: its chunk 0 does not decode: Restored data doesn't match checksum"])
    #expect(try damage(broken, sha256: right) == [], "the SHA-256 says more than the checksum")
  }

  @Test("a header with a key that the manifest does not determine is damaged")
  func moreMetadata() throws {
    let folder = try TemporaryFolder()
    let forgery = Forgery(
      entries: [], manifest: Forgery.manifest(tensors: "[]"), metadata: [("hymba.more", "x")])
    let source = try ContainerSource(folder.write(forgery.bytes, to: "c"))
    // Where the metadata would have ended.
    let end = 8 + Self.place(of: ",\"hymba.more\":", in: headerText(forgery.bytes))
    #expect(
      try source.findDamage(jobs: 1).map(\.description)
        == ["the header is damaged: byte \(end) is not what the manifest determines"])
  }

  @Test("what the header repeats of the manifest is compared when a container is opened")
  func repeated() throws {
    let folder = try TemporaryFolder()
    func problem(_ forgery: Forgery) throws -> String? {
      let path = try folder.write(forgery.bytes, to: "c")
      return message { _ = try ContainerSource(path) }
    }
    let manifest = Forgery.manifest(tensors: "[]")
    let metadata =
      "the header is damaged: its members “source.…” are not the source's metadata that the manifest has"
    #expect(
      try problem(Forgery(entries: [], manifest: manifest, metadata: [("source.k", "v")]))
        == metadata)
    let more = manifest.replacing(#""metadata":{}"#, with: #""metadata":{"k":"v"}"#)
    #expect(try problem(Forgery(entries: [], manifest: more)) == metadata)
    #expect(
      try problem(Forgery(entries: [], manifest: more, metadata: [("source.k", "w")])) == metadata)
    #expect(
      try problem(Forgery(entries: [], manifest: more, metadata: [("source.k", "v")])) == nil)
    var other = Forgery(entries: [], manifest: manifest)
    other.headerLength = 952
    #expect(try problem(other) == "the header is damaged: it has 952 bytes, the manifest says 1016")
  }

  @Test("a header without what a container's must have is refused")
  func headerKeys() throws {
    let folder = try TemporaryFolder()
    func problem(_ header: String, _ data: [UInt8] = []) throws -> String? {
      let path = try folder.write(safetensors(header, data), to: "c")
      return message { _ = try ContainerSource(path) }
    }
    let entry = #""hymba.manifest":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#
    #expect(
      try problem(#"{"__metadata__":{"format":"hymba"}}"#)
        == "the header is damaged: it has no “hymba.version”")
    #expect(
      try problem("{\(entry)}", [0x7B, 0x7D]) == "the header is damaged: it has no “hymba.version”")
    #expect(
      try problem(#"{"__metadata__":{"format":"hymba","hymba.version":"1.0"}}"#)
        == "the header is damaged: it has no entry “hymba.manifest”")
    #expect(
      try problem(#"{"__metadata__":{"hymba.version":"1.0"},\#(entry)}"#, [0x7B, 0x7D])
        == "the header is damaged: it has no “hymba.manifest.sha256”, the SHA-256 that its manifest must have"
    )
    #expect(try problem(#"{"__metadata__":{"format":"pt"}}"#) == "not a .hymba container")
  }
}
