import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: round trip")
struct ContainerRoundTripTests {
  /// 1025 elements, so that every type is large enough for a section and no chunk is even.
  private static func entry(_ type: ElementType) -> MemorySource.Entry {
    .init("t", type, [5, 205], Random.bytes(1025 * type.byteSize, seed: UInt64(type.byteSize)))
  }

  @Test(
    "a tensor of any type comes back bit for bit, whole and in any range",
    arguments: ElementType.known,
    ContainerWriter.Compression.allCases)
  func anyType(_ type: ElementType, _ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let entry = Self.entry(type)
    let source = try ContainerSource(folder.container("c.hymba", compression, [entry]))
    let tensor = try #require(source.tensors["t"])
    #expect(tensor == (try TensorDescriptor(name: "t", type: type, dimensions: [5, 205])))
    #expect(source.manifest.tensors[0].encoding == (compression == .none ? .raw : .zstd))
    let expected = try MemorySource([entry]).bytes(of: tensor)
    #expect(try source.bytes(of: tensor) == expected)
    var random = Random(7)
    for _ in 0..<12 {
      let start = random.next(below: expected.count + 1)
      let count = random.next(below: expected.count - start + 1)
      let part = try [UInt8](count: count) { try source.read(tensor, from: start, into: &$0) }
      #expect(part == Array(expected[start..<start + count]))
    }
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test(
    "the section of a tensor is what the specification's reader expects",
    arguments: ElementType.known)
  func section(_ type: ElementType) throws {
    let folder = try TemporaryFolder()
    let entry = Self.entry(type)
    let path = try folder.container("c.hymba", .zstd, [entry])
    let header = try SafetensorsHeader(reading: InputFile(path))
    let position = try #require(header.tensors.position(of: "t@zstd"))
    let file = try folder.read("c.hymba")
    let bytes = Array(
      file[header.offsets[position]..<header.offsets[position] + header.tensors[position].byteCount]
    )
    let section = try #require(ReferenceSection(bytes))
    #expect(section.paddingIsValid)
    #expect(section.table.dropLast().map(\.decoded) == [Int](repeating: 1025, count: type.byteSize))
    #expect(
      try section.elements(type)
        == MemorySource([entry]).bytes(of: MemorySource([entry]).tensors[0]))
  }

  @Test(
    "a tensor of more than 2^20 elements is cut into chunks and comes back in any range",
    arguments: [ElementType.float8E5M2, .bool])
  func chunks(_ type: ElementType) throws {
    let count = (1 << 20) + 7
    let bytes = [UInt8](count: count, repeating: Random.bytes(4099))
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .zstd, [.init("t", type, [count], bytes)])
    let source = try ContainerSource(path)
    let tensor = source.tensors[0]
    #expect(try source.bytes(of: tensor) == bytes)
    for range in [
      (1 << 20) - 3..<(1 << 20) + 3, 0..<1 << 20, 1 << 20..<count, 1..<count, count - 1..<count,
      5..<6, 7..<7,
    ] {
      let part = try [UInt8](count: range.count) {
        try source.read(tensor, from: range.lowerBound, into: &$0)
      }
      #expect(part == Array(bytes[range]))
    }
    let file = try folder.read("c.hymba")
    let section = try #require(ReferenceSection(Array(file[source.storedRanges[0]])))
    #expect(section.table.map(\.decoded) == [1 << 20, 7, 0])
    #expect(try section.elements(type) == bytes)
    #expect(source.manifest.tensors[0].chunkElements == 1 << 20)
    #expect(source.storedBytes(of: tensor) == source.storedRanges[0].count)
  }

  @Test("several chunks of several planes come back")
  func chunksOfPlanes() throws {
    let count = (1 << 21) + 1
    let bytes = [UInt8](count: 2 * count, repeating: Random.bytes(8191))
    let folder = try TemporaryFolder()
    let source = try ContainerSource(
      folder.container("c.hymba", .zstd, [.init("t", .bfloat16, [count], bytes)]))
    #expect(try source.digest(of: source.tensors[0], jobs: 2) == SHA256Digest(of: bytes))
    let start = (1 << 21) - 5
    let part = try [UInt8](count: 10) { try source.read(source.tensors[0], from: start, into: &$0) }
    #expect(part == Array(bytes[start..<start + 10]))
  }

  @Test("a container without tensors is one", arguments: ContainerWriter.Compression.allCases)
  func noTensors(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c.hymba", compression, []))
    #expect(source.tensors.isEmpty)
    #expect(try source.findDamage(jobs: 1) == [])
    #expect("\(source.fingerprint)" == Forgery.emptySHA256)
  }

  @Test("tensors without elements and scalars are raw, whatever the compression")
  func emptyAndScalar() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container(
      "c.hymba", .zstd,
      [
        .init("e", .float32, [0, 4], []), .init("f", .float32, [0, 4], []),
        .init("s", .float64, [], Random.bytes(8)),
      ])
    let source = try ContainerSource(path)
    #expect(source.manifest.tensors.map(\.encoding) == [.raw, .raw, .raw])
    #expect(source.manifest.aliases == [], "tensors without elements are no aliases")
    #expect(try source.tensors.map { try source.bytes(of: $0) } == [Random.bytes(8), [], []])
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a tensor of fewer than 1024 bytes is raw, one of 1024 is compressed")
  func smallTensors() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container(
      "c.hymba", .zstd,
      [
        .init("a", .uint8, [1023], Random.bytes(1023)),
        .init("b", .uint8, [1024], Random.bytes(1024)),
      ])
    #expect(try ContainerSource(path).manifest.tensors.map(\.encoding) == [.raw, .zstd])
  }

  @Test(
    "a source that names its tensors as long as can be is stored, compressed where the entry's name allows it"
  )
  func longNames() throws {
    let folder = try TemporaryFolder()
    let names = [4091, 4092, 4096].map { String(repeating: "n", count: $0) }
    let entries = names.enumerated().map {
      MemorySource.Entry($1, .uint8, [2000], Random.bytes(2000, seed: UInt64($0)))
    }
    let source = try ContainerSource(folder.container("c.hymba", .zstd, entries))
    #expect(
      names.map { name in source.manifest.tensors.first { $0.descriptor.name == name }?.encoding }
        == [.zstd, .raw, .raw])
    #expect(try source.findDamage(jobs: 2) == [])
  }

  @Test("it is read from several threads at once", arguments: ContainerWriter.Compression.allCases)
  func threads(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let entries = (0..<4).map {
      MemorySource.Entry("t\($0)", .float32, [50, 50], Random.bytes(10_000, seed: UInt64($0)))
    }
    let memory = try MemorySource(entries)
    let source = try ContainerSource(folder.container("c.hymba", compression, entries))
    let agree = try Parallel.map(count: 64, jobs: 8) { index in
      let tensor = source.tensors[index % 4]
      return try source.bytes(of: tensor) == memory.bytes(of: tensor)
    }
    #expect(agree.allSatisfy { $0 })
  }

  @Test(
    "a range outside a tensor, and a tensor that is not in it, are refused",
    arguments: ContainerWriter.Compression.allCases)
  func outside(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c.hymba", compression, [Self.entry(.uint8)]))
    func problem(_ offset: Int, _ count: Int) -> String? {
      message {
        _ = try [UInt8](count: count) {
          try source.read(source.tensors[0], from: offset, into: &$0)
        }
      }
    }
    #expect(problem(1025, 1) == "bytes 1025..<1026 were asked of “t”, which has 1025")
    #expect(problem(0, 1026) == "bytes 0..<1026 were asked of “t”, which has 1025")
    #expect(problem(-1, 2) == "bytes -1..<1 were asked of “t”, which has 1025")
    let other = try TensorDescriptor(name: "other", type: .uint8, dimensions: [0])
    #expect(message { _ = try source.bytes(of: other) } == "there is no tensor “other”")
  }
}
