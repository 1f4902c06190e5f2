import Synchronization
import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: nothing damaged is read")
struct ContainerReadingTests {
  /// Larger than a window that is hashed at once, so that the damage at the end is far from the beginning.
  private static let entries: [MemorySource.Entry] = [
    .init("good", .uint8, [3], [1, 2, 3]),
    .init("bad", .bfloat16, [1000, 1000], [UInt8](count: 2_000_000, repeating: Random.bytes(999))),
  ]

  /// A container whose tensor “bad” has a changed bit in its last stored byte that is not of a seek table.
  private func damaged(
    _ folder: TemporaryFolder, _ compression: ContainerWriter.Compression
  ) throws -> ContainerSource {
    let path = try folder.container("c.hymba", compression, Self.entries)
    let source = try ContainerSource(path)
    let position = try #require(source.manifest.tensors.firstIndex { $0.descriptor.name == "bad" })
    let place = source.storedRanges[position].upperBound - (compression == .none ? 1 : 200)
    try overwrite(path, at: place, with: [folder.read("c.hymba")[place] ^ 1])
    return try ContainerSource(path)
  }

  private static let text =
    "the tensor “bad” is damaged: its stored bytes have another XXH3 than the manifest says"

  /// Ways to get at a tensor.
  enum Reading: String, CaseIterable {
    case whole, firstByte, windows, digest, fingerprint, container, safetensors, shards

    func run(_ source: ContainerSource, _ folder: TemporaryFolder) throws {
      let bad = try #require(source.tensors["bad"])
      switch self {
      case .whole: _ = try source.bytes(of: bad)
      case .firstByte: _ = try [UInt8](count: 1) { try source.read(bad, from: 0, into: &$0) }
      case .windows: try source.forEachWindow(of: [bad], windowElements: 1000, jobs: 2) { _ in }
      case .digest: _ = try source.digest(of: bad, jobs: 1)
      case .fingerprint: _ = try Fingerprint.compute(of: source, jobs: 2)
      case .container:
        var writer = ContainerWriter.test(.zstd)
        writer.verifies = false
        try writer.write(source, .verbatim(), to: folder.file("new.hymba"))
      case .safetensors:
        try SafetensorsWriter.write(
          source, to: folder.file("new.safetensors"), replace: false, verifies: false)
      case .shards:
        try folder.makeFolder("new")
        let output = try OutputFolder(folder.file("new"), replace: false)
        try ShardedWriter(source, shardBytes: nil, metadata: [:]).write(
          into: output, jobs: 2, verifies: false, progress: { _ in })
      }
    }
  }

  @Test(
    "a tensor that is not what was written is refused by name, however it is read, and nothing is written",
    arguments: Reading.allCases, ContainerWriter.Compression.allCases)
  func refused(_ reading: Reading, _ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let source = try damaged(folder, compression)
    let found = try #require(message { try reading.run(source, folder) })
    let advice =
      "copy, download or convert the checkpoint again"
    #expect(found == Self.text || found == "\(source.location): \(Self.text); \(advice)")
    #expect(try folder.entries.filter { $0.hasPrefix("new.") } == [])
    // Its neighbours are as they were.
    #expect(try source.bytes(of: #require(source.tensors["good"])) == [1, 2, 3])
  }

  @Test("a section that decodes to something else is refused before it is decoded")
  func otherContent() throws {
    let folder = try TemporaryFolder()
    // Two sections of one size: a plane of equal bytes is a frame of a fixed length.
    func container(_ name: String, _ byte: UInt8) throws -> (ContainerSource, Range<Int>) {
      let source = try ContainerSource(
        folder.container(
          name, .zstd, [.init("t", .uint8, [5000], [UInt8](repeating: byte, count: 5000))]))
      return (source, source.storedRanges[0])
    }
    let (one, range) = try container("one", 1)
    let (_, other) = try container("two", 2)
    try #require(range.count == other.count)
    try overwrite(folder.file("one"), at: range.lowerBound, with: Array(folder.read("two")[other]))
    let tensor = one.tensors[0]
    #expect(
      message { _ = try one.bytes(of: tensor) }
        == "the tensor “t” is damaged: its stored bytes have another XXH3 than the manifest says")
  }

  @Test("a manifest whose SHA-256 is another than that of the bytes gives no fingerprint and no copy")
  func otherDigest() throws {
    let folder = try TemporaryFolder()
    var hasher = try XXH3Hasher()
    hasher.update([1, 2, 3].raw)
    let tensor = Forgery.tensor("t", shape: "[3]", xxh3: "\(hasher.finalize())")
    let source = try ContainerSource(
      folder.write(
        Forgery(
          entries: [.init("t", bytes: [1, 2, 3])],
          manifest: Forgery.manifest(tensors: "[\(tensor)]")
        ).bytes, to: "c"))
    let text =
      "the tensor “t” is damaged: its decoded bytes have another SHA-256 than the manifest says"
    #expect(message { _ = try Fingerprint.compute(of: source, jobs: 1) } == text)
    #expect(
      message {
        try ContainerWriter.test(.zstd).write(source, .verbatim(), to: folder.file("new"))
      } == text)
    #expect(try folder.entries == ["c"])
  }

  @Test("a tensor is compared once, for whatever is read of it on however many threads")
  func once() throws {
    let checks = DigestChecks()
    let count = Atomic(0)
    _ = try Parallel.map(count: 64, jobs: 8) { index in
      try checks.require(index % 2) { count.add(1, ordering: .relaxed) }
    }
    #expect(count.load(ordering: .relaxed) == 2)
    #expect(throws: FormatError.notFound) { try checks.require(3) { throw FormatError.notFound } }
    #expect(throws: FormatError.notFound) { try checks.require(3) { throw FormatError.notFound } }
  }

  @Test("what was found good by a check of the whole file is not compared again")
  func afterCheck() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c", .none, Self.entries)
    let source = try ContainerSource(path)
    #expect(try source.findDamage(jobs: 1) == [])
    // A change behind the back of an open file: only a comparison would see it.
    let place = source.storedRanges[0].upperBound - 1
    try overwrite(path, at: place, with: [folder.read("c")[place] ^ 1])
    let tensor = try #require(source.tensors["bad"])
    #expect(
      message { _ = try [UInt8](count: 1) { try source.read(tensor, from: 0, into: &$0) } } == nil)
  }
}
