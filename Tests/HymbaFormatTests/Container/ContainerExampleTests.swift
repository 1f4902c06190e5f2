@testable import HymbaFormat
import TestSupport
import Testing

/// The example of the specification (Schemas/container-1.md, section 14), whose values another implementation
/// computed.
@Suite("Container: the specification's example")
struct ContainerExampleTests {
  private static let large = (0..<1024).flatMap {
    littleEndianBytes(UInt64(0x3F80 + $0 % 128), count: 2)
  }
  private static let entries: [MemorySource.Entry] = [
    .init("small", .float32, [2, 3], [Float](arrayLiteral: 0, 1, 2, 3, 4, 5).littleEndianBytes),
    .init("large", .bfloat16, [32, 32], large), .init("copy", .bfloat16, [32, 32], large),
  ]
  private static let fingerprint =
    "7f79fbe923c9784c297e5cccab1f1452f6c18a90207a59ddcfcbe183635dde9f"

  @Test("its parts lie where the specification puts them and have its digests")
  func parts() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .zstd, Self.entries, metadata: ["format": "pt"])
    let file = try folder.read("c.hymba")
    #expect(Array(file[..<8]) == [0x78, 0x02, 0, 0, 0, 0, 0, 0])
    #expect(Array(file[0x280..<0x298]) == [Float](arrayLiteral: 0, 1, 2, 3, 4, 5).littleEndianBytes)

    let source = try ContainerSource(path)
    #expect(source.manifest.tensors.map(\.entry) == ["small", "copy@zstd"])
    #expect(source.manifest.aliases == [TensorAlias(name: "large", of: "copy")])
    #expect(source.storedRanges[0] == 0x280..<0x298 && source.storedRanges[1].lowerBound == 0x298)
    #expect(
      source.manifest.tensors.map { "\($0.sha256)" } == [
        "e2c0a71510b5394df7773b63fb5f54372b84c3564e67811bde7d665be227976d",
        "f7279d687ec580383a2c29c54cca05d22caf03ef0df0b0edd980b27505c1404e",
      ])
    #expect("\(source.manifest.tensors[0].xxh3)" == "2d0408b485dd77b108c27fcd95d1fea5")
    #expect("\(source.fingerprint)" == Self.fingerprint)

    // Up to the manifest's digest nothing depends on the Zstandard library.
    #expect(
      headerText(file).hasPrefix(
        #"{"__metadata__":{"format":"hymba","hymba.version":"1.0","hymba.manifest.sha256":""#))
    #expect(
      headerText(file).contains(
        #"","source.format":"pt"},"small":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"copy@zstd":{"dtype":"U8","shape":["#
      ))
  }

  @Test("its planes are those of the specification, frame by frame")
  func planes() throws {
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c.hymba", .zstd, Self.entries))
    let file = try folder.read("c.hymba")
    let section = try #require(ReferenceSection(Array(file[source.storedRanges[1]])))
    #expect(section.table.map(\.decoded) == [1024, 1024, 0])
    #expect(try section.elements(.bfloat16) == Self.large)
    // Plane 0 is 1024 times 7F and fits into a frame of 18 bytes, or a few more with another library.
    #expect(
      section.table[0].stored < 30
        && Array(section.frames[0][..<7]) == [0x28, 0xB5, 0x2F, 0xFD, 0x64, 0x00, 0x03])
  }

  @Test(
    "every way of storing it has its fingerprint", arguments: ContainerWriter.Compression.allCases)
  func fingerprints(_ compression: ContainerWriter.Compression) throws {
    let memory = try MemorySource(Self.entries)
    #expect("\(try Fingerprint.compute(of: memory, jobs: 2))" == Self.fingerprint)
    let folder = try TemporaryFolder()
    let source = try ContainerSource(folder.container("c.hymba", compression, Self.entries))
    #expect("\(source.fingerprint)" == Self.fingerprint)
    #expect("\(try Fingerprint.compute(of: source, jobs: 2))" == Self.fingerprint)
    try SafetensorsWriter.write(memory, to: folder.file("s"), replace: false)
    #expect(
      "\(try Fingerprint.compute(of: SafetensorsSource(folder.file("s")), jobs: 1))"
        == Self.fingerprint)
  }
}
