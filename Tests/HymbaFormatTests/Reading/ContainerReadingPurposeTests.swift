import Synchronization
import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: tensors read whole or in parts")
struct ContainerReadingPurposeTests {
  /// Three windows, the last one shorter.
  private static let count = (2 << 20) + 77_777
  private static let content = [UInt8](count: count, repeating: Random.bytes(9973))

  private static let text =
    "the tensor “t” is damaged: its stored bytes have another XXH3 than the manifest says"

  private func container(
    _ folder: TemporaryFolder, _ compression: ContainerWriter.Compression
  ) throws -> String {
    try folder.container("c", compression, [.init("t", .uint8, [Self.count], Self.content)])
  }

  /// Changes a bit of a stored byte of the only tensor; places below 0 count from the end.
  private func damage(_ path: String, at place: Int, _ folder: TemporaryFolder) throws {
    let range = try ContainerSource(path).storedRanges[0]
    let position = place < 0 ? range.upperBound + place : range.lowerBound + place
    try overwrite(path, at: position, with: [folder.read("c")[position] ^ 1])
  }

  /// Reads all windows in an order, `jobs` at once.
  private func windows(
    _ path: String, _ order: [Int], jobs: Int
  ) throws -> [UInt8] {
    let source = try ContainerSource(path)
    let reading = try source.reading(of: source.tensors[0], .whole)
    #expect(reading.windowCount == 3 && reading.isCompared)
    let read = try Parallel.map(count: order.count, jobs: jobs) { index in
      let range = reading.range(ofWindow: order[index])
      return (
        order[index],
        try [UInt8](count: range.count) { try reading.read(from: range.lowerBound, into: &$0) }
      )
    }
    return read.sorted { $0.0 < $1.0 }.flatMap(\.1)
  }

  private static let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]]

  @Test(
    "windows in any order, from several threads, are the tensor", arguments: orders,
    ContainerWriter.Compression.allCases)
  func intact(_ order: [Int], _ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let path = try container(folder, compression)
    for jobs in [1, 3] { #expect(try windows(path, order, jobs: jobs) == Self.content) }
  }

  @Test(
    "damage at any place is found by a whole reading, in whatever order the windows are read",
    arguments: [
      (.none, 0), (.none, 1 << 20), (.none, (1 << 20) + 5), (.none, -1),
      // The first frame; the last frame; the padding or the seek table; its footer.
      (.zstd, 0), (.zstd, 9), (.zstd, -200), (.zstd, -45), (.zstd, -30), (.zstd, -1),
    ] as [(ContainerWriter.Compression, Int)])
  func damaged(_ compression: ContainerWriter.Compression, _ place: Int) throws {
    let folder = try TemporaryFolder()
    let path = try container(folder, compression)
    try damage(path, at: place, folder)
    for order in Self.orders {
      for jobs in [1, 3] {
        #expect(message { _ = try windows(path, order, jobs: jobs) } == Self.text, "\(order)")
      }
    }
    #expect(
      try ContainerSource(path).findDamage(jobs: 2).map(\.description) == [Self.text])
  }

  @Test("the read that completes a damaged tensor throws, and no read before it")
  func lastRead() throws {
    let folder = try TemporaryFolder()
    let path = try container(folder, .none)
    try damage(path, at: 0, folder)
    let source = try ContainerSource(path)
    let reading = try source.reading(of: source.tensors[0], .whole)
    var window = [UInt8](repeating: 0, count: 1 << 20)
    for offset in [1 << 20, 0] {
      #expect(
        message {
          try window.withMutableBytes(0..<1 << 20) { try reading.read(from: offset, into: &$0) }
        }
          == nil)
    }
    #expect(
      message {
        try window.withMutableBytes(0..<77_777) { try reading.read(from: 2 << 20, into: &$0) }
      } == Self.text)
  }

  @Test(
    "what a whole reading has read is not read again",
    arguments: ContainerWriter.Compression.allCases)
  func once(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let path = try container(folder, compression)
    let source = try ContainerSource(path)
    let reading = try source.reading(of: source.tensors[0], .whole)
    for window in 0..<3 {
      let range = reading.range(ofWindow: window)
      let bytes = try [UInt8](count: range.count) {
        try reading.read(from: range.lowerBound, into: &$0)
      }
      #expect(bytes == Array(Self.content[range]))
      // A second look at these bytes would see this.
      if window == 0 { try damage(path, at: 5, folder) }
    }
    // It was found good, and is not compared any more.
    #expect(try !source.reading(of: source.tensors[0], .whole).isCompared)
  }

  @Test("parts are given out as they are stored, without a comparison")
  func parts() throws {
    let folder = try TemporaryFolder()
    let path = try container(folder, .none)
    try damage(path, at: 5, folder)
    let source = try ContainerSource(path)
    let reading = try source.reading(of: source.tensors[0], .parts)
    let bytes = try [UInt8](count: 10) { try reading.read(from: 0, into: &$0) }
    var expected = Array(Self.content[..<10])
    expected[5] ^= 1
    #expect(bytes == expected && !reading.isCompared)
    // Another way to the same tensor still compares.
    #expect(message { _ = try source.bytes(of: source.tensors[0]) } == Self.text)
  }

  /// A section of bytes in chunks.
  private static func section(_ content: [UInt8], chunkElements: Int) throws -> [UInt8] {
    var section: [UInt8] = []
    var frames: [SeekTable.Frame] = []
    for start in stride(from: 0, to: content.count, by: chunkElements) {
      let elements = Array(content[start..<min(start + chunkElements, content.count)])
      let chunk = try ChunkEncoder(.default).encode(elements.raw, .uint8)
      frames.append(
        .init(
          offset: section.count, storedBytes: chunk.bytes.count, decodedBytes: elements.count))
      section += chunk.bytes
    }
    return section + SeekTable.tail(for: frames, sectionOffset: 0)
  }

  private static func xxh3(_ bytes: [UInt8]) throws -> XXH3Digest {
    var hasher = try XXH3Hasher()
    hasher.update(bytes.raw)
    return hasher.finalize()
  }

  @Test("chunks of any size are read, copied and compared", arguments: [1, 7, 1000, 1 << 21])
  func chunks(_ elements: Int) throws {
    let folder = try TemporaryFolder()
    let count = elements == 1 << 21 ? Self.count : 4321
    let content = Array(Self.content.prefix(count))
    let section = try Self.section(content, chunkElements: elements)
    let xxh3 = try Self.xxh3(section)
    let line = Forgery.tensor(
      "t", shape: "[\(count)]", encoding: "\"encoding\":\"zstd\",\"chunkElements\":\(elements)",
      sha256: "\(SHA256Digest(of: content))", entry: "t@zstd", xxh3: "\(xxh3)")
    let source = try ContainerSource(
      folder.write(
        Forgery(
          entries: [.init("t@zstd", bytes: section)],
          manifest: Forgery.manifest(tensors: "[\(line)]")
        ).bytes, to: "forged"))
    let tensor = source.tensors[0]
    #expect(try source.bytes(of: tensor) == content)
    #expect(
      try [UInt8](count: 999) { try source.read(tensor, from: 1111, into: &$0) }
        == Array(content[1111..<2110]))
    #expect(try source.findDamage(jobs: 2) == [])
    try ContainerWriter.test(.zstd).write(source, .verbatim(), to: folder.file("copy"))
    let copy = try ContainerSource(folder.file("copy"))
    #expect(try copy.bytes(of: copy.tensors[0]) == content)
    #expect(copy.manifest.tensors[0].chunkElements == 1 << 20)
  }

  @Test(
    "a check of the whole file tells its progress while a tensor is read, and all of it in the end",
    arguments: [1, 2, 3], ContainerWriter.Compression.allCases)
  func progress(_ jobs: Int, _ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let path = try folder.container(
      "c", compression,
      [
        .init("a", .uint8, [Self.count], Self.content),
        .init("b", .uint8, [Self.count], Self.content.map { ~$0 }), .init("c", .uint8, [0], []),
      ])
    let source = try ContainerSource(path)
    var told: [Int] = []
    #expect(try source.findDamage(jobs: jobs) { told.append($0) } == [])
    #expect(told.reduce(0, +) == source.storedRanges.reduce(0) { $0 + $1.count })
    #expect(jobs > 1 || told.filter { $0 > 0 }.count >= 6, "each window: \(told)")
  }
}
