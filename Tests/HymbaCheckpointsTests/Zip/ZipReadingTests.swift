import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

@Suite struct ZipReadingTests {
  static let content = SeededNumbers(seed: 5).bytes(5000)
  static let array = NpyFile([5000], content).bytes
  static let headerBytes = array.count - content.count

  @Test("archives of zip64 are read like others", arguments: [false, true])
  func zip64(_ isZip64: Bool) throws {
    var zip = ZipFile(.init("a.npy", Self.array), .init("b.npy", Self.array))
    zip.isZip64 = isZip64
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    #expect(source.tensors.map(\.name) == ["a", "b"])
    #expect(try source.bytes(of: source.tensors[1]) == Self.content)
  }

  @Test("an entry of more than 4 GB is read beyond its first 4 GB")
  func large() throws {
    // A hole in the file, between the array's header and its last bytes.
    let count = 5 << 30
    let header = NpyFile([count], []).bytes
    var zip = ZipFile(
      .init("a.npy", header) {
        $0.contentBytes = header.count + count
        $0.storedBytes = header.count + count
      })
    zip.isZip64 = true
    // What follows the entry moves behind the hole.
    let start = 30 + 5 + 20 + header.count
    var tail = Array(zip.bytes[start...])
    let directoryBytes = try #require(tail.firstRange(of: Array("PK\u{6}\u{6}".utf8))).lowerBound
    tail.replaceSubrange(
      directoryBytes + 48..<directoryBytes + 56, with: ZipFile.little(start + count, 8))
    tail.replaceSubrange(
      directoryBytes + 64..<directoryBytes + 72,
      with: ZipFile.little(start + count + directoryBytes, 8))
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(zip.bytes[..<start]), to: "large.npz")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: UInt64(start + count - 3))
    try handle.write(contentsOf: Data([7, 8, 9] + tail))
    try handle.close()

    let source = try ZippedCheckpoint.open(path)
    #expect(source.tensors.totalBytes == count)
    #expect(try source.bytes(of: source.tensors[0], count - 5..<count) == [0, 0, 7, 8, 9])
    #expect(try source.bytes(of: source.tensors[0], 1 << 32..<1 << 32 + 2) == [0, 0])
  }

  static let orders: [[Range<Int>]] = [
    [0..<5000], [0..<1, 1..<5000], [2500..<5000, 0..<2500],
    [1000..<2000, 4000..<5000, 0..<1000, 3000..<4000, 2000..<3000],
    [0..<3000, 0..<3000, 3000..<5000],
    [100..<200, 0..<5000], [0..<3000, 2000..<5000], [0..<10, 4990..<5000, 20..<30, 0..<5000],
  ]

  @Test(
    "damage in a stored entry is found once all of it was read, in any order", arguments: orders)
  func damage(_ ranges: [Range<Int>]) throws {
    var damaged = Self.array
    damaged[Self.headerBytes + 2600] ^= 4
    let zip = ZipFile(
      .init("a.npy", damaged) { $0.checksum = ZipFile.crc32(Self.array) })
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    let tensor = source.tensors[0]
    for range in ranges.dropLast() { _ = try source.bytes(of: tensor, range) }
    let last = try #require(ranges.last)
    #expect(
      refusal { _ = try source.bytes(of: tensor, last) }
        == "the entry “a.npy” is damaged: its CRC-32 is \(ZipFile.crc32(damaged)), and must be \(ZipFile.crc32(Self.array))"
    )
  }

  @Test("an intact entry is read in pieces, twice and in part without complaint", arguments: orders)
  func intact(_ ranges: [Range<Int>]) throws {
    let (source, folder) = try open(ZipFile(.init("a.npy", Self.array)))
    defer { withExtendedLifetime(folder) {} }
    for range in ranges + ranges + [100..<200] {
      #expect(try source.bytes(of: source.tensors[0], range) == Array(Self.content[range]))
    }
  }

  /// The header of such an array is read in ranges that overlap.
  @Test(
    "damage in an array of any version of the format is found", arguments: [1, 2, 3] as [UInt8])
  func versions(_ version: UInt8) throws {
    var file = NpyFile([5000], Self.content)
    file.version = version
    var damaged = file.bytes
    damaged[damaged.count - 1] ^= 1
    let zip = ZipFile(.init("a.npy", damaged) { $0.checksum = ZipFile.crc32(file.bytes) })
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    #expect(
      refusal { _ = try source.bytes(of: source.tensors[0]) }
        == "the entry “a.npy” is damaged: its CRC-32 is \(ZipFile.crc32(damaged)), and must be \(ZipFile.crc32(file.bytes))"
    )
  }

  /// A window of it has a piece of each column, with a gap behind it.
  @Test("damage in a stored column-major array of many columns is found at its first window")
  func columns() throws {
    let (rows, columns) = (4200, 70)
    let content = SeededNumbers(seed: 6).bytes(rows * columns)
    var file = NpyFile([rows, columns], content)
    file.order = "True"
    let intact = file.bytes
    var damaged = intact
    damaged[damaged.count - 1] ^= 1
    let checksum = ZipFile.crc32(intact)
    func window(_ bytes: [UInt8]) throws -> () throws -> [UInt8] {
      let (source, folder) = try open(ZipFile(.init("a.npy", bytes) { $0.checksum = checksum }))
      return {
        defer { withExtendedLifetime(folder) {} }
        return try source.bytes(of: source.tensors[0], 7 * columns..<9 * columns)
      }
    }
    let expected = (7..<9).flatMap { row in (0..<columns).map { content[row + $0 * rows] } }
    #expect(try window(intact)() == expected)
    let read = try window(damaged)
    let message =
      "the entry “a.npy” is damaged: its CRC-32 is \(ZipFile.crc32(damaged)), and must be \(checksum)"
    // Each time, not only once.
    for _ in 0..<2 { #expect(refusal { _ = try read() } == message) }
  }

  @Test("a stored entry that is read criss-cross is read whole once, also by several threads")
  func once() throws {
    // More than the library keeps in its buffers.
    let content = SeededNumbers(seed: 6).bytes(200_000)
    let temporary = try TemporaryFile(ZipFile(.init("a.npy", content)).bytes)
    let archive = try ZipArchive(temporary.path)
    _ = try Parallel.map(count: 8, jobs: 8) { _ in try archive.checkWhole(archive.entries[0]) }
    // A second reading would find nothing.
    try temporary.truncate(to: 40)
    try archive.checkWhole(archive.entries[0])
    #expect(throws: ZipError.self) {
      try archive.content(of: archive.entries[0], limit: content.count)
    }
  }

  static let failures: [(code: Int32, message: String, kind: FailureKind)] = [
    // ZIP_ER_SEEK, ZIP_ER_READ, ZIP_ER_OPEN and ZIP_ER_MEMORY of zip.h
    (4, "the entry “a” cannot be read: why", .inputOutput),
    (5, "the entry “a” cannot be read: why", .inputOutput),
    (11, "the entry “a” cannot be read: why", .inputOutput),
    (14, "the entry “a” cannot be read: why", .inputOutput),
    // ZIP_ER_CRC, ZIP_ER_ZLIB and ZIP_ER_EOF
    (7, "the entry “a” is damaged: why", .wrong), (13, "the entry “a” is damaged: why", .wrong),
    (17, "the entry “a” is damaged: why", .wrong),
  ]

  @Test("a failure of the disk or the memory is not called damage", arguments: failures)
  func failure(_ code: Int32, _ message: String, _ kind: FailureKind) {
    let error = ZipError(code: code, "why", entry: "a")
    #expect(error.description == message)
    #expect(error.kind == kind)
  }

  /// A deflated entry of one stored block.
  static func deflated(_ content: [UInt8]) -> [UInt8] {
    [1] + ZipFile.little(content.count, 2) + ZipFile.little(~content.count, 2) + content
  }

  static let lies: [(name: String, change: @Sendable (inout ZipFile.Entry) -> Void)] = [
    ("checksum", { $0.checksum = 1 }), ("no deflate", { $0.stored[0] = 7 }),
    ("a block cut short", { $0.stored[1] = 0 }),
  ]

  /// What is wrong is told in libzip's words, which differ between its versions.
  @Test("damage in a deflated entry is found", arguments: lies)
  func deflatedDamage(_ name: String, _ change: @Sendable (inout ZipFile.Entry) -> Void) throws {
    var entry = ZipFile.Entry("a.npy", Self.deflated(Self.array)) {
      $0.method = 8
      $0.contentBytes = Self.array.count
      $0.checksum = ZipFile.crc32(Self.array)
    }
    change(&entry)
    let message = refusal {
      let (source, folder) = try open(ZipFile(entry))
      defer { withExtendedLifetime(folder) {} }
      _ = try source.bytes(of: source.tensors[0])
    }
    #expect(message?.hasPrefix("the entry “a.npy” is damaged: ") == true)
  }

  @Test("a deflated entry that holds less or more than it declares is refused")
  func deflatedLength() throws {
    for (declared, message) in [
      (
        5000,
        "the entry “a.npy” holds more than the \(Self.headerBytes + 5000) bytes that are declared"
      ),
      (
        5200,
        "the entry “a.npy” ends after \(Self.headerBytes + 5100) bytes, and \(Self.headerBytes + 5200) are declared"
      ),
    ] {
      let content = SeededNumbers(seed: 5).bytes(5100)
      let array = NpyFile([declared], content).bytes
      let entry = ZipFile.Entry("a.npy", Self.deflated(array)) {
        $0.method = 8
        $0.contentBytes = Self.headerBytes + declared
        $0.checksum = ZipFile.crc32(array)
      }
      let (source, folder) = try open(ZipFile(entry))
      defer { withExtendedLifetime(folder) {} }
      #expect(refusal { _ = try source.bytes(of: source.tensors[0]) } == message)
    }
  }
}
