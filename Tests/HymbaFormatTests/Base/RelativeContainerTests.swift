import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: relative to a base")
struct RelativeContainerTests {
  private let folder: BaseFolder

  init() throws { folder = try BaseFolder() }

  @Test("a tensor is a reference where it is equal, a difference where that is smaller, and whole otherwise")
  func encodings() throws {
    let source = try ContainerSource(folder.relative())
    let record = try #require(source.manifest.base)
    #expect(record.file == "base.hymba")
    #expect(try record.fingerprint == ContainerSource(folder.base).fingerprint)
    #expect(try record.bytes == folder.folder.read("base.hymba").count)
    #expect(record.tensors.map(\.descriptor.name) == ["equal"])
    let encodings = source.manifest.tensors.map { "\($0.descriptor.name) \($0.encoding.rawValue)" }
    #expect(
      Set(encodings) == ["few delta", "all delta", "new zstd", "small raw", "other.shape zstd", "added raw", "empty raw"])
    #expect(source.manifest.aliases == [TensorAlias(name: "tied", of: "all")])
    #expect(source.manifest.formatVersion == "2.0")
    #expect(source.storedBytes(of: record.tensors[0].descriptor) == 0)
    #expect(source.manifest.tensors.filter { $0.encoding == .delta }.map(\.entry) == ["all@delta", "few@delta"])
    // About 500 of a million elements differ by one bit, and 12 bits say where.
    #expect(source.storedBytes(of: try #require(source.tensors["few"])) < 4000)
  }

  @Test("every tensor comes back, whole, in windows and in parts, and its digests are right")
  func bytes() throws {
    let path = try folder.relative()
    let memory = try MemorySource(BaseFolder.tuned())
    for tensor in memory.tensors {
      #expect(try ContainerSource(path).bytes(of: tensor) == memory.bytes(of: tensor))
    }
    let source = try ContainerSource(path)
    for tensor in memory.tensors where tensor.byteCount > 9 {
      let middle = tensor.byteCount / 2 - 5
      let part = try [UInt8](count: 10) { try source.read(tensor, from: middle, into: &$0) }
      #expect(try part == Array(memory.bytes(of: tensor)[middle..<middle + 10]))
    }
    try memory.requireSame(in: source, jobs: 2)
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("the fingerprint is that of the container that stands alone, and so is what is converted from it")
  func flattened() throws {
    let relative = try ContainerSource(folder.relative())
    let plain = try folder.folder.container("plain.hymba", .zstd, BaseFolder.tuned())
    #expect(try relative.fingerprint == ContainerSource(plain).fingerprint)
    #expect(try Fingerprint.compute(of: relative, jobs: 2) == relative.fingerprint)
    try ContainerWriter.test(.zstd).write(
      relative.copied, relative.manifest.description, to: folder.folder.file("flat.hymba"))
    #expect(try folder.folder.read("flat.hymba") == folder.folder.read("plain.hymba"))
    #expect(!(try ContainerSource(plain).isRelative))
    #expect(try ContainerSource(plain).manifest.formatVersion == "1.0")
  }

  @Test("every type whose values are known is stored as a difference, and comes back", arguments: ElementType.known)
  func types(_ type: ElementType) throws {
    let count = 4000
    let base = Random.bytes(count * type.byteSize).map { type == .bool ? $0 & 1 : $0 }
    var tuned = base
    for place in stride(from: 0, to: base.count, by: 37 * type.byteSize) { tuned[place] ^= 1 }
    let entry = { (bytes: [UInt8]) in MemorySource.Entry("t", type, [40, 100], bytes) }
    let basePath = try folder.folder.container("b.hymba", .none, [entry(base)])
    let source = try ContainerSource(folder.relative("t.hymba", [entry(tuned)], to: basePath))
    #expect(source.manifest.tensors.map(\.encoding) == [.delta])
    #expect(try source.bytes(of: source.tensors[0]) == tuned)
  }

  @Test("types that are only kept are references where equal, and stored raw where not", arguments: ElementType.opaque)
  func opaque(_ type: ElementType) throws {
    let bytes = Random.bytes(2400)
    let dimensions = [2400 * 8 / type.bitSize]
    let basePath = try folder.folder.container(
      "b.hymba", .zstd, [.init("same", type, dimensions, bytes), .init("other", type, dimensions, bytes)])
    let tuned: [MemorySource.Entry] = [
      .init("same", type, dimensions, bytes), .init("other", type, dimensions, Random.bytes(2400, seed: 9)),
    ]
    let source = try ContainerSource(folder.relative("t.hymba", tuned, to: basePath))
    #expect(source.manifest.base?.tensors.map(\.descriptor.name) == ["same"])
    #expect(source.manifest.tensors.map(\.encoding) == [.raw])
    #expect(try source.bytes(of: try #require(source.tensors["same"])) == bytes)
  }

  @Test("a chain of four is read through, and a fifth is refused when it would be written")
  func chain() throws {
    var path = folder.base
    for round in 1...3 {
      path = try folder.relative("\(round).hymba", BaseFolder.tuned(UInt64(round)), to: path)
    }
    let source = try ContainerSource(path)
    #expect(source.chain.map(\.location) == [3, 2, 1].map { folder.folder.file("\($0).hymba") } + [folder.base])
    let memory = try MemorySource(BaseFolder.tuned(3))
    for tensor in memory.tensors { #expect(try source.bytes(of: tensor) == memory.bytes(of: tensor)) }
    #expect(try source.findDamage(jobs: 2) == [])
    #expect(
      message { _ = try folder.relative("4.hymba", to: path) }
        == "\(path): a chain of more than 4 containers, each relative to the next one, is not read")
    #expect(!FileSystem.exists(folder.folder.file("4.hymba")))
  }

  @Test("where nothing is smaller for the base, the container is the one without a base")
  func unrelated() throws {
    let other = try folder.folder.container("other.hymba", .zstd, [.init("elsewhere", .uint8, [2000], Random.bytes(2000))])
    let source = try ContainerSource(folder.relative("alone.hymba", to: other))
    #expect(!source.isRelative && source.manifest.formatVersion == "1.0")
    _ = try folder.folder.container("plain.hymba", .zstd, BaseFolder.tuned())
    #expect(try folder.folder.read("alone.hymba") == folder.folder.read("plain.hymba"))
  }

  @Test("a container equal to its base stores no tensor at all")
  func nothingChanged() throws {
    let source = try ContainerSource(folder.relative("same.hymba", BaseFolder.entries))
    // An empty tensor has nothing to refer to.
    #expect(source.manifest.tensors.map(\.descriptor.name) == ["empty"])
    #expect(try source.fingerprint == ContainerSource(folder.base).fingerprint)
  }

  @Test("a section of differences ends without padding")
  func noPadding() throws {
    let path = try folder.relative()
    let source = try ContainerSource(path)
    let position = try #require(source.manifest.tensors.firstIndex { $0.entry == "few@delta" })
    let section = try InputFile(path).bytes(
      at: source.storedRanges[position].lowerBound, count: source.storedRanges[position].count)
    // Two chunks of two frames each: the table has five lines of 8 bytes, and 8 + 9 bytes around them.
    #expect(section.suffix(8 + 57).prefix(8) == [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0])
  }

  @Test("attachments are kept whole, beside tensors of a base")
  func attachments() throws {
    var attachments = Attachments()
    let name = try #require(AttachmentName("hymba.files/tokenizer.json"))
    try attachments.add(name, bytes: Random.bytes(3000))
    var writer = ContainerWriter.test(.zstd)
    writer.base = try ContainerSource(folder.base)
    let path = folder.folder.file("kept.hymba")
    try writer.write(MemorySource(BaseFolder.tuned()), .verbatim(), with: attachments, to: path)
    let source = try ContainerSource(path)
    #expect(try source.attached.bytes(of: name) == Random.bytes(3000))
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("a source that changes while it is read leaves no file")
  func changingSource() throws {
    let source = ChangingSource(before: try MemorySource(BaseFolder.entries), changing: "equal")
    var writer = ContainerWriter.test(.zstd)
    writer.base = try ContainerSource(folder.base)
    let path = folder.folder.file("changing.hymba")
    #expect(
      message { try writer.write(source, .verbatim(), to: path) }
        == "the tensor “equal” changed while it was read, so nothing was kept")
    #expect(!FileSystem.exists(path))
  }
}

/// A source of which one tensor has other bytes when it is read whole than in parts.
private struct ChangingSource: CheckpointSource {
  let before: MemorySource
  let changing: String
  var location: String { before.location }
  var tensors: TensorTable { before.tensors }
  var files: [SourceFile] { [] }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws {
    try before.read(tensor, from: offset, into: &buffer)
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    let original = try before.reading(of: tensor, purpose)
    return purpose == .whole && tensor.name == changing ? Other(original: original) : original
  }

  private struct Other: TensorReading {
    let original: any TensorReading
    var tensor: TensorDescriptor { original.tensor }

    func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
      try original.read(from: offset, into: &buffer)
      buffer.storeBytes(of: 0xA5, toByteOffset: 0, as: UInt8.self)
    }
  }
}
