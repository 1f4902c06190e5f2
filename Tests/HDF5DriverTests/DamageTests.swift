import Foundation
import TestSupport
import Testing

@testable import HDF5

/// The library itself trusts these blocks: it would read elsewhere, follow a circle, or fill memory.
@Suite("Damaged blocks without checksums", .timeLimit(.minutes(5)))
struct DamageTests {
  private let folder: TemporaryFolder
  private let bytes: [UInt8]

  init() throws {
    self.folder = try TemporaryFolder()
    self.bytes = try Array(Data(contentsOf: URL(filePath: fixture("flat.h5"))))
  }

  /// Where the first block is that begins like this.
  private func position(_ beginning: String) throws -> Int {
    try #require(bytes.firstRange(of: Array(beginning.utf8))).lowerBound
  }

  private func little(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// The names in a copy where these bytes are others.
  private func names(_ position: Int, _ change: [UInt8]) throws -> [String] {
    var bytes = bytes
    bytes.replaceSubrange(position..<position + change.count, with: change)
    return try DriverFile(try folder.write(bytes, to: "x.h5")).names()
  }

  @Test(
    "a node of a group's tree that is too high, or is no parent of its children, is refused",
    arguments: [1, 5, 6, 255] as [UInt8])
  func level(_ level: UInt8) throws {
    let node = try position("TREE")
    #expect(throws: HDF5Error.library("the index of a group is damaged")) {
      _ = try names(node + 5, [level])
    }
  }

  @Test("a node with more children than it has room for is refused")
  func children() throws {
    let node = try position("TREE")
    #expect(throws: HDF5Error.library("the index of a group is damaged")) {
      _ = try names(node + 6, [0xFF, 0xFF])
    }
  }

  @Test("a node whose child has an address with which the library's sums overflow is refused")
  func outside() throws {
    let node = try position("TREE")
    #expect(throws: HDF5Error.library("an address in the file leads outside of it")) {
      _ = try names(node + 32, little(.max - 63))
    }
  }

  @Test(
    "a heap of names that is larger than the file is refused",
    arguments: [1 << 40, .max] as [UInt64])
  func heap(_ size: UInt64) throws {
    let heap = try position("HEAP")
    #expect(throws: HDF5Error.library("a heap of names is damaged")) {
      _ = try names(heap + 8, little(size))
    }
  }

  @Test("a list of free places that leads nowhere does no harm, as readers need none")
  func freePlaces() throws {
    let expected = try DriverFile(fixture("flat.h5")).names()
    let heap = try position("HEAP")
    #expect(try names(heap + 16, little(.max - 7)) == expected)
    #expect(!expected.isEmpty)
  }
}
