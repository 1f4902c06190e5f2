import HymbaFormat
import TestSupport
import Testing

@Suite("Container: damage")
struct ContainerDamageTests {
  /// A small container with a raw tensor, two sections, an empty tensor, an alias and metadata.
  private static func container(_ folder: TemporaryFolder) throws -> String {
    let bytes = Random.bytes(1100).map { $0 & 1 }
    return try folder.container(
      "c", .zstd,
      [
        .init("raw", .float32, [3], Random.bytes(12)), .init("bits", .bool, [1100], bytes),
        .init("halves", .bfloat16, [2, 300], bytes + Random.bytes(100, seed: 9)),
        .init("empty", .int8, [0], []),
        .init("tied", .bool, [1100], bytes),
      ], metadata: ["k": "v"])
  }

  @Test("a single flipped bit anywhere is found, and the part that it is in is named")
  func everyByte() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let intact = try folder.read("c")
    let source = try ContainerSource(path)
    #expect(try source.findDamage(jobs: 1) == [])
    let ranges = zip(source.manifest.tensors.map(\.descriptor.name), source.storedRanges)
    let manifestStart = try #require(source.storedRanges.last?.upperBound)
    let headerEnd = dataOffset(intact)
    var random = Random(3)
    for position in intact.indices {
      try overwrite(
        path, at: position, with: [intact[position] ^ (1 << UInt8(random.next(below: 8)))])
      defer { try? overwrite(path, at: position, with: [intact[position]]) }
      var parts: [ContainerDamage.Part] = []
      let refusal = message { parts = try ContainerSource(path).findDamage(jobs: 1).map(\.part) }
      if position >= manifestStart {
        #expect(
          refusal?.hasPrefix("the manifest is damaged: its SHA-256 is ") == true, "byte \(position)"
        )
      } else if position >= headerEnd {
        let name = ranges.first { $0.1.contains(position) }?.0
        #expect(refusal == nil && parts == [.tensor(name ?? "none")], "byte \(position)")
      } else if let refusal {
        let namesAPart = ["header", "manifest", "tensor"].contains { refusal.contains($0) }
        #expect(namesAPart, "byte \(position): \(refusal)")
      } else {
        #expect(parts.first == .header, "byte \(position)")
      }
    }
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a file cut at any length is an error, never a trap")
  func everyLength() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let length = try folder.read("c").count
    for length in (0..<length).reversed() {
      try cutFile(path, to: length)
      #expect(message { _ = try ContainerSource(path) } != nil, "\(length) bytes")
    }
  }

  @Test("bytes behind the end are refused")
  func longer() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    try cutFile(path, to: folder.read("c").count + 5)
    #expect(
      message { _ = try ContainerSource(path) }
        == "the header is damaged, or this is no .hymba container: 5 bytes at the end of the file belong to no tensor"
    )
  }

  @Test("a file that is cut after it was opened is an error when it is read")
  func cutWhileOpen() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let source = try ContainerSource(path)
    let halves = try #require(source.tensors["halves"])
    try cutFile(path, to: source.storedRanges[3].lowerBound + 1)
    #expect(
      message { _ = try source.bytes(of: halves) }?.hasPrefix("the file ends early: ") == true)
    #expect(
      message { _ = try source.findDamage(jobs: 2) }?.hasPrefix("the file ends early: ") == true)
  }

  @Test("reading a damaged section is an error that names the tensor, also by its other name")
  func reading() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let source = try ContainerSource(path)
    let position = try #require(source.manifest.tensors.firstIndex { $0.descriptor.name == "bits" })
    let range = source.storedRanges[position]
    let file = try folder.read("c")
    let frame = try #require(ReferenceSection(Array(file[range]))?.table.first?.stored)
    // The checksum at the end of the first frame.
    try overwrite(
      path, at: range.lowerBound + frame - 1, with: [~file[range.lowerBound + frame - 1]])
    for name in ["bits", "tied"] {
      let tensor = try #require(source.tensors[name])
      #expect(
        message { _ = try source.bytes(of: tensor) }
          == "the tensor “\(name)” is damaged: its stored bytes have another XXH3 than the manifest says"
      )
    }
    #expect(
      try source.findDamage(jobs: 1).map(\.description)
        == [
          "the tensor “bits” is damaged: its stored bytes have another XXH3 than the manifest says"
        ])
  }

  @Test("several damaged parts are all named, in the order of the file")
  func several() throws {
    let folder = try TemporaryFolder()
    let path = try Self.container(folder)
    let source = try ContainerSource(path)
    let file = try folder.read("c")
    // White space of another kind is still JSON, but not the header that the manifest determines.
    try overwrite(path, at: dataOffset(file) - 1, with: [0x0A])
    for position in [source.storedRanges[0].lowerBound, source.storedRanges[3].upperBound - 1] {
      try overwrite(path, at: position, with: [file[position] ^ 4])
    }
    #expect(
      try ContainerSource(path).findDamage(jobs: 2).map(\.description) == [
        "the header is damaged: byte \(dataOffset(file) - 1) is not what the manifest determines",
        "the tensor “raw” is damaged: its stored bytes have another XXH3 than the manifest says",
        "the tensor “\(source.manifest.tensors[3].descriptor.name)” is damaged: its stored bytes have another XXH3 than the manifest says",
      ])
  }
}
