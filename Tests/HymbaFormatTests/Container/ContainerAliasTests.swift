import HymbaFormat
import TestSupport
import Testing

@Suite("Container: identical tensors")
struct ContainerAliasTests {
  private static let tied = Random.bytes(4000)
  private static let entries: [MemorySource.Entry] = [
    .init("embed", .float32, [10, 100], tied), .init("head", .float32, [10, 100], tied),
    .init("zero.1", .float32, [2], [0, 0, 0, 0, 0, 0, 0, 0]),
    .init("zero.2", .float32, [2], [0, 0, 0, 0, 0, 0, 0, 0]),
    .init("zero.int", .int32, [2], [0, 0, 0, 0, 0, 0, 0, 0]),
    .init("zero.row", .float32, [1, 2], [0, 0, 0, 0, 0, 0, 0, 0]),
    .init("last", .bfloat16, [700], Random.bytes(1400)),
  ]

  @Test(
    "in a compressed container tensors of equal type, shape and bytes are stored once, under the name that comes first"
  )
  func aliases() throws {
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c.hymba", .zstd, Self.entries))
    #expect(
      Set(source.manifest.aliases.map { "\($0.name) is \($0.of)" }) == [
        "head is embed", "zero.2 is zero.1",
      ])
    #expect(source.manifest.tensors.count == 5, "another type or shape is another tensor")
    #expect(source.tensors.count == 7)
    let memory = try MemorySource(Self.entries)
    for tensor in memory.tensors {
      #expect(source.tensors[tensor.name] == tensor)
      #expect(try source.bytes(of: tensor) == memory.bytes(of: tensor))
    }
    #expect(source.storedBytes(of: try #require(source.tensors["head"])) == 0)
    #expect(source.storedBytes(of: try #require(source.tensors["embed"])) > 0)
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("an uncompressed container has an entry of every name, as any safetensors reader sees it")
  func uncompressed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .none, Self.entries)
    let plain = try SafetensorsSource(path)
    let memory = try MemorySource(Self.entries)
    #expect(Set(plain.tensors.map(\.name)) == Set(memory.tensors.map(\.name) + ["hymba.manifest"]))
    for tensor in memory.tensors {
      #expect(try plain.bytes(of: tensor) == memory.bytes(of: tensor))
    }
    let source = try ContainerSource(path)
    #expect(source.manifest.aliases == [])
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("the space of a tensor that turned out to be one of them is used again")
  func space() throws {
    let folder = try TemporaryFolder()
    let entries = (0..<10).map { MemorySource.Entry("t\($0)", .float32, [10, 100], Self.tied) }
    let path = try folder.container("many", .zstd, entries)
    let one = try folder.container("one", .zstd, [entries[0]])
    #expect(try ContainerSource(path).storedRanges.count == 1)
    // Beside the tensor a file has about 3 KB of header and manifest; ten copies would take 40 KB.
    #expect(try folder.read("many").count < folder.read("one").count + 4000)
    #expect(try ContainerSource(one).findDamage(jobs: 1) == [])
  }

  @Test("they have their own lines in the fingerprint")
  func fingerprint() throws {
    let folder = try TemporaryFolder()
    let memory = try MemorySource(Self.entries)
    let all = try ContainerSource(folder.container("all", .zstd, Self.entries)).fingerprint
    #expect(try all == Fingerprint.compute(of: memory, jobs: 2))
    let without = Self.entries.filter { _ in true }.dropFirst(2)
    #expect(
      try all != ContainerSource(folder.container("without", .zstd, Array(without))).fingerprint)
    let sha = { (bytes: [UInt8]) in "\(SHA256Digest(of: bytes))" }
    let zeros = sha([UInt8](repeating: 0, count: 8))
    let lines =
      "embed\tF32\t[10,100]\t\(sha(Self.tied))\nhead\tF32\t[10,100]\t\(sha(Self.tied))\n"
      + "last\tBF16\t[700]\t\(sha(Random.bytes(1400)))\nzero.1\tF32\t[2]\t\(zeros)\nzero.2\tF32\t[2]\t\(zeros)\n"
      + "zero.int\tI32\t[2]\t\(zeros)\nzero.row\tF32\t[1,2]\t\(zeros)\n"
    #expect(all == SHA256Digest(of: Array(lines.utf8)))
  }
}
