import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: attachments")
struct AttachmentTests {
  private static let vocabulary = Random.bytes(3000).map { $0 & 3 }
  private static let tensors: [MemorySource.Entry] = [
    .init("raw", .float32, [3], Random.bytes(12)),
    .init("halves", .bfloat16, [2, 300], Random.bytes(1200, seed: 9)),
  ]

  private static func attachments() throws -> Attachments {
    var attachments = Attachments()
    try attachments.add(.file("tokenizer.json"), bytes: vocabulary)
    try attachments.add(.file("empty.txt"), bytes: [])
    let probes = try MemorySource([
      .init("ids", .int64, [1, 4], Random.bytes(32, seed: 4)),
      .init("stream", .float32, [1, 4, 100], Random.bytes(1600, seed: 5)),
      // The same bytes as a tensor has.
      .init("halves", .bfloat16, [2, 300], Random.bytes(1200, seed: 9)),
    ])
    try attachments.add(.probe("input_ids"), probes.tensors[0], of: probes)
    try attachments.add(.probe("hidden_states.0"), probes.tensors[1], of: probes)
    try attachments.add(.probe("halves"), probes.tensors[2], of: probes)
    return attachments
  }

  private static func container(
    _ folder: TemporaryFolder, _ compression: ContainerWriter.Compression = .zstd,
    tensors: [MemorySource.Entry] = tensors
  ) throws -> String {
    try ContainerWriter.test(compression).write(
      MemorySource(tensors), .verbatim(), with: attachments(), to: folder.file("c"))
    return folder.file("c")
  }

  @Test(
    "what is attached comes back, and is no tensor", arguments: ContainerWriter.Compression.allCases)
  func roundTrip(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let source = try ContainerSource(Self.container(folder, compression))
    let plain = try ContainerSource(folder.container("p", compression, Self.tensors))
    #expect(source.manifest.formatVersion == "1.3" && plain.manifest.formatVersion == "1.0")
    #expect(Set(source.tensors.map(\.name)) == ["raw", "halves"])
    #expect(source.fingerprint == plain.fingerprint && source.manifest.aliases == [])
    let attached = source.attached
    #expect(attached.fileNames.sorted() == ["empty.txt", "tokenizer.json"])
    #expect(try attached.bytes(of: .file("tokenizer.json")) == Self.vocabulary)
    #expect(try attached.bytes(of: .file("empty.txt")) == [])
    #expect(try attached.bytes(of: .file("other")) == nil)
    let expected = try Self.attachments()
    for tensor in attached.tensors {
      let own = try #require(expected.tensors[tensor.name])
      #expect(own == tensor)
      #expect(try attached.bytes(of: tensor) == expected.bytes(of: own))
      if tensor.byteCount > 8 {
        let part = try [UInt8](count: 5) { try attached.read(tensor, from: 3, into: &$0) }
        #expect(try part == Array(expected.bytes(of: own)[3..<8]))
      }
    }
    #expect(try source.findDamage(jobs: 2) == [])
    let isSection = source.manifest.attachments.contains { $0.encoding == .zstd }
    #expect(isSection == (compression == .zstd))
    // They lie behind the tensors and before the manifest, raw ones first.
    let ends = source.storedRanges.map(\.upperBound)
    #expect(source.attachedRanges.allSatisfy { $0.lowerBound >= ends.max() ?? 0 })
    let order = source.manifest.attachments.map { $0.encoding == .raw }
    #expect(order == order.sorted { $0 && !$1 })
  }

  @Test("a flipped bit anywhere is found, and the part that it is in is named")
  func everyByte() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let intact = try folder.read("c")
    let source = try ContainerSource(path)
    let tensors = zip(source.manifest.tensors, source.storedRanges).map {
      (ContainerDamage.Part.tensor($0.descriptor.name), $1)
    }
    let attached = zip(source.manifest.attachments, source.attachedRanges).map {
      (ContainerDamage.Part.attachment($0.descriptor.name), $1)
    }
    let headerEnd = dataOffset(intact)
    let manifestStart = try #require((source.attachedRanges + source.storedRanges).map(\.upperBound).max())
    var random = Random(3)
    for position in intact.indices {
      try overwrite(
        path, at: position, with: [intact[position] ^ (1 << UInt8(random.next(below: 8)))])
      defer { try? overwrite(path, at: position, with: [intact[position]]) }
      var parts: [ContainerDamage.Part] = []
      let refusal = message { parts = try ContainerSource(path).findDamage(jobs: 1).map(\.part) }
      if position >= manifestStart {
        #expect(
          refusal?.hasPrefix("the manifest is damaged: its SHA-256 is ") == true, "byte \(position)")
      } else if position >= headerEnd {
        let part = (tensors + attached).first { $0.1.contains(position) }?.0
        #expect(refusal == nil && parts == [part ?? .header], "byte \(position): \(refusal ?? "")")
      } else {
        #expect(refusal != nil || parts.first == .header, "byte \(position)")
      }
    }
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("damage in a file inside is told by the file's name, also when it is read")
  func words() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let source = try ContainerSource(path)
    let names = source.manifest.attachments.map(\.descriptor.name)
    let bytes = try folder.read("c")
    for (name, text) in [
      ("hymba.files/tokenizer.json", "the file tokenizer.json inside"),
      ("hymba.probes/hidden_states.0", "the recorded hidden_states.0 inside"),
    ] {
      let range = source.attachedRanges[try #require(names.firstIndex(of: name))]
      try overwrite(path, at: range.lowerBound + 20, with: [bytes[range.lowerBound + 20] ^ 1])
      defer { try? overwrite(path, at: range.lowerBound + 20, with: [bytes[range.lowerBound + 20]]) }
      let damaged = try ContainerSource(path)
      let expected = "\(text) is damaged: its stored bytes have another XXH3 than the manifest says"
      #expect(try damaged.findDamage(jobs: 1).map(\.description) == [expected])
      #expect(try damaged.findAttachmentDamage(jobs: 1).map(\.description) == [expected])
      let tensor = try #require(damaged.attached.tensors[name])
      #expect(message { _ = try damaged.attached.bytes(of: tensor) } == expected)
      // Another container is not made of it.
      var kept = Attachments()
      try kept.add(damaged.attached)
      let refusal = message {
        try ContainerWriter.test(.none).write(
          MemorySource([]), .verbatim(), with: kept, to: folder.file("n"))
      }
      #expect(refusal?.contains(expected) == true, "\(refusal ?? "written")")
      #expect(try folder.entries == ["c"])
    }
  }

  @Test("a tensor may be named as attachments are, but not as one that is there")
  func collisions() throws {
    for (name, type, size, isTaken) in [
      ("hymba.files/tokenizer.json", ElementType.uint8, 8, true),
      ("hymba.files/tokenizer.json@zstd", .uint8, 8, true),
      ("hymba.files/empty.txt@zstd", .uint8, 8, false), ("hymba.files/other", .uint8, 8, false),
      ("hymba.probes/input_ids", .uint8, 4000, true), ("hymba.x", .uint8, 8, false),
    ] {
      let folder = try TemporaryFolder()
      let tensors = Self.tensors + [.init(name, type, [size], Random.bytes(size))]
      let refusal = message { _ = try Self.container(folder, tensors: tensors) }
      if isTaken {
        let attachment = name.replacing("@zstd", with: "")
        #expect(
          refusal
            == "a tensor has the name “\(attachment)”, under which something else would be kept beside the tensors; rename the tensor where the checkpoint was made, or keep less",
          "\(name)")
        #expect(try folder.entries == [])
      } else {
        #expect(refusal == nil, "\(name)")
        let source = try ContainerSource(folder.file("c"))
        #expect(source.tensors[name] != nil && source.attached.tensors.count == 5)
        #expect(try source.findDamage(jobs: 1) == [])
      }
    }
  }

  @Test("names that could leave a folder are no names of files")
  func fileNames() {
    for name in ["", ".", "..", "a/b", "/a", "../a", "a\u{0}b", "a\nb", "\u{202E}gnp", String(repeating: "a", count: 256)] {
      #expect(AttachmentName("hymba.files/" + name) == nil, "\(name)")
    }
    for name in ["a", "...", "..a", "tokenizer.json", "é", String(repeating: "a", count: 255)] {
      #expect(AttachmentName("hymba.files/" + name) == .file(name), "\(name)")
      #expect(AttachmentName.file(name).text == "hymba.files/" + name)
    }
    #expect(AttachmentName("hymba.later/x") == .unknown("hymba.later/x"))
    for name in ["hymba.manifest", "hymba.probes/", "model.weight", "hymba", ""] {
      #expect(AttachmentName(name) == nil, "\(name)")
    }
  }

  @Test("what has another SHA-256 than the manifest says is neither given out nor copied")
  func otherContent() throws {
    let folder = try TemporaryFolder()
    let name = "hymba.files/tokenizer.json"
    // The digest of the stored bytes is right, and the manifest has the SHA-256 of no bytes.
    let attachment = Forgery.tensor(name, shape: "[2]", xxh3: try Forgery.xxh3(of: [1, 2]))
    let path = try folder.write(
      Forgery(
        entries: [.init(name, bytes: [1, 2])],
        manifest: Forgery.manifest(tensors: "[]", version: "1.3", more: ",\"attachments\":[\(attachment)]"),
        version: "1.3"
      ).bytes, to: "c")
    let source = try ContainerSource(path)
    let text =
      "the file tokenizer.json inside is damaged: its decoded bytes have another SHA-256 than the manifest says"
    #expect(message { _ = try source.attached.bytes(of: .file("tokenizer.json")) } == text)
    var kept = Attachments()
    try kept.add(source.attached)
    let refusal = message {
      try ContainerWriter.test(.none).write(MemorySource([]), .verbatim(), with: kept, to: folder.file("n"))
    }
    #expect(refusal?.contains(text) == true, "\(refusal ?? "written")")
    #expect(try folder.entries == ["c"])
  }

  // MARK: Forged containers

  /// What opening says of a container with these attachments in its manifest.
  private func refusal(
    _ attachments: String, entries: [Forgery.Entry], tensors: String = "[]", version: String = "1.3"
  ) -> String? {
    message {
      let folder = try TemporaryFolder()
      let path = try folder.write(
        Forgery(
          entries: entries,
          manifest: Forgery.manifest(
            tensors: tensors, version: version, more: ",\"attachments\":[\(attachments)]"),
          version: version
        ).bytes, to: "c")
      _ = try ContainerSource(path)
    }
  }

  @Test("attachments that no writer makes are refused when the container is opened")
  func lies() {
    let invalid = "the manifest is not valid: "
    func shown(_ name: String) -> String { "the attachment “\(name)” " }
    for name in ["weights", "hymba.files/..", "hymba.files/a/b", "hymba.files/", "hymba.probes/", "hymba.manifest"] {
      #expect(
        refusal(
          Forgery.tensor(name), entries: name == "hymba.manifest" ? [] : [.init(name, bytes: [])])
          == invalid + shown(name) + "has a name that none may have", "\(name)")
    }
    let file = "hymba.files/a"
    let entry = Forgery.Entry(file, bytes: [])
    #expect(refusal(Forgery.tensor(file), entries: [entry]) == nil)
    #expect(
      refusal(Forgery.tensor(file, dtype: "I8"), entries: [.init(file, "I8", bytes: [])])
        == invalid + shown(file) + "is a file and no list of bytes")
    #expect(
      refusal(Forgery.tensor(file, shape: "[0,1]"), entries: [.init(file, "U8", [0, 1], bytes: [])])
        == invalid + shown(file) + "is a file and no list of bytes")
    #expect(
      refusal(
        Forgery.tensor(
          file, shape: "[67108865]", encoding: "\"encoding\":\"zstd\",\"chunkElements\":1048576",
          entry: file + "@zstd"),
        entries: [.init(file + "@zstd", bytes: [UInt8](repeating: 0, count: 640))])
        == invalid + shown(file) + "brings the files inside beyond what is accepted")
    #expect(
      refusal(
        (0..<257).map { Forgery.tensor("hymba.files/\($0)") }.joined(separator: ","), entries: [])
        == invalid + shown("hymba.files/256") + "brings the files inside beyond what is accepted")
    #expect(
      refusal(
        [String](repeating: Forgery.tensor("hymba.a"), count: 65537).joined(separator: ","),
        entries: []) == invalid + "it lists more than 65536 attachments")
    #expect(
      refusal(Forgery.tensor(file) + "," + Forgery.tensor(file), entries: [entry])
        == invalid + shown(file) + "is listed twice")
    #expect(
      refusal(Forgery.tensor(file, shape: "[1]"), entries: [entry])
        == "the header is damaged: the entry “\(file)” does not fit the attachment “\(file)”")
    #expect(
      refusal(
        Forgery.tensor(file, shape: "[" + [String](repeating: "1", count: 40).joined(separator: ",") + "]"),
        entries: [entry]) == invalid + shown(file) + "has a shape that has more than 32 dimensions")
    #expect(
      refusal(Forgery.tensor(file, dtype: "X"), entries: [entry])
        == invalid + shown(file) + "has no valid dtype")
    #expect(
      refusal(Forgery.tensor("hymba.files/" + String(repeating: "a", count: 1 << 16)), entries: [entry])?
        .hasPrefix(invalid + "the attachment name “hymba.files/") == true)
    #expect(
      refusal(Forgery.tensor(file), entries: [entry], tensors: "[\(Forgery.tensor(file))]")
        == invalid + shown(file) + "has the name of a tensor")
    #expect(
      refusal(Forgery.tensor(file), entries: [])
        == "the header is damaged: it has no entry “\(file)” for the attachment “\(file)”")
    #expect(
      refusal(Forgery.tensor(file), entries: [entry], version: "1.2")
        == invalid + "it is of version 1.2, and attachments came with 1.3")
  }

  @Test("an attachment that nobody knows yet is kept, and an entry that the manifest does not name is ignored")
  func later() throws {
    let folder = try TemporaryFolder()
    func write(_ names: [String], version: String) throws -> String {
      let manifest = Forgery.manifest(
        tensors: "[\(Forgery.tensor("t"))]", version: version,
        more: ",\"attachments\":[\(Forgery.tensor("hymba.later/x"))],\"future\":[1]")
      return try folder.write(
        Forgery(
          entries: [.init("t", bytes: []), .init(names[0], bytes: [1, 2]), .init("hymba.later/x", bytes: [])]
            + names.dropFirst().map { .init($0, "F32", [1], bytes: [0, 0, 0, 0]) },
          manifest: manifest, version: version
        ).bytes, to: "c")
    }
    let path = try write(["hymba.index", "hymba.b"], version: "1.7")
    let source = try ContainerSource(path)
    #expect(source.unnamedEntries == ["hymba.index", "hymba.b"])
    #expect(source.attached.names == [.unknown("hymba.later/x")])
    #expect(try source.findDamage(jobs: 1) == [])
    // The header is compared all the same.
    let bytes = try folder.read("c")
    let space = dataOffset(bytes) - 1
    try overwrite(path, at: space, with: [0x0A])
    #expect(try ContainerSource(path).findDamage(jobs: 1).map(\.part) == [.header])

    let text = "the header is damaged: it has entries that the manifest does not name"
    let other = try write(["index"], version: "1.7")
    #expect(message { _ = try ContainerSource(other) } == text)
    let old = try folder.write(
      Forgery(
        entries: [.init("hymba.b", bytes: [1])], manifest: Forgery.manifest(tensors: "[]", version: "1.2"),
        version: "1.2"
      ).bytes, to: "c")
    #expect(message { _ = try ContainerSource(old) } == text)
  }

  @Test("a conversion from one container to another keeps what is attached, unknown kinds too")
  func copy() throws {
    let folder = try TemporaryFolder()
    var attachments = try Self.attachments()
    try attachments.add(.unknown("hymba.later/x"), bytes: [1, 2, 3])
    try ContainerWriter.test(.zstd).write(
      MemorySource(Self.tensors), .verbatim(), with: attachments, to: folder.file("a"))
    let first = try ContainerSource(folder.file("a"))
    var kept = Attachments()
    try kept.add(first.attached)
    try ContainerWriter.test(.none).write(
      first, first.manifest.description, with: kept, to: folder.file("b"))
    let second = try ContainerSource(folder.file("b"))
    #expect(Set(second.attached.names) == Set(attachments.names))
    for name in attachments.names { #expect(try second.attached.bytes(of: name) == first.attached.bytes(of: name)) }
    // The source may be the file that is replaced.
    try ContainerWriter.test(.zstd, replace: true).write(
      second, second.manifest.description, with: kept, to: folder.file("b"))
    let third = try ContainerSource(folder.file("b"))
    #expect(third.fingerprint == first.fingerprint)
    #expect(try third.findDamage(jobs: 2) == [])
    #expect(try third.attached.bytes(of: .file("tokenizer.json")) == Self.vocabulary)
  }
}
