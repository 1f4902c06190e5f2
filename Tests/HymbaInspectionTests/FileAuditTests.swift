import Foundation
import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of damaged files")
struct FileAuditTests {
  private static let file = "model.safetensors"

  private func audit(
    _ change: (inout [UInt8]) -> Void
  ) throws -> [Finding] {
    let folder = try AuditedFolder("mamba-tiny")
    try folder.change(Self.file, change)
    return try folder.findings()
  }

  @Test("a file that was cut short names how much it lacks, and the tensors; its names still fit the model")
  func truncated() throws {
    let source = try SafetensorsSource(Fixture.path("mamba-tiny", Self.file))
    let last = try #require(source.tensors.last)
    let found = try audit { $0.removeLast(1) }
    let bytes = source.tensors.totalBytes
    #expect(
      found == [
        Finding(
          .truncated, .error, Self.file,
          "has \(bytes - 1) of the \(bytes) bytes of data that its header describes: 1 tensor from \(last.name) on is cut off"
        )
      ])
    let none = try audit { $0.removeLast(bytes) }
    #expect(none.map(\.kind) == [.truncated])
    #expect(none[0].message.contains(": \(source.tensors.count) tensors from \(source.tensors[0].name) on are"))
  }

  @Test("a file that ends within its header")
  func header() throws {
    let found = try audit { $0 = Array($0[..<100]) }
    #expect(found.map(\.kind) == [.truncated])
    #expect(found[0].message.hasPrefix("ends within its header: it has 100 bytes"))
  }

  @Test("bytes behind the last tensor")
  func trailing() throws {
    let found = try audit { $0 += [0, 0, 0] }
    #expect(found.map(\.kind) == [.trailing] && found[0].message.hasPrefix("has 3 bytes behind"))
  }

  @Test("zeros in place of the header, and nothing at all")
  func zeros() throws {
    let zeros = try audit { $0 = [UInt8](repeating: 0, count: $0.count) }
    #expect(zeros.map(\.kind) == [.zeroFilled] && zeros[0].message.hasPrefix("begins with zeros"))
    let empty = try audit { $0 = [] }
    #expect(empty.map(\.kind) == [.zeroFilled] && empty[0].message.hasPrefix("is empty"))
  }

  @Test("a pointer of Git LFS and a web page are not weights")
  func foreign() throws {
    let pointer = try audit {
      $0 = Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n".utf8)
    }
    #expect(pointer.map(\.kind) == [.unreadable] && pointer[0].message.contains("Git LFS pointer"))
    let page = try audit { $0 = Array("<!DOCTYPE html><html><title>Sign in</title></html>".utf8) }
    #expect(page.map(\.kind) == [.unreadable] && page[0].message.contains("Sign in"))
  }

  @Test("a header with a hole or of no JSON")
  func invalid() throws {
    let found = try audit { bytes in
      bytes.replaceSubrange(9..<10, with: [UInt8(ascii: "!")])
    }
    #expect(found.map(\.kind) == [.unreadable] && found[0].subject == Self.file)
  }

  @Test("a tail that was never written, where the file system tells")
  func unwritten() throws {
    let folder = try AuditedFolder("mamba-tiny")
    let size = try folder.folder.read(Self.file).count
    try folder.change(Self.file) { $0 = Array($0[..<(2 * size / 3)]) }
    let handle = try FileHandle(forWritingTo: URL(filePath: folder.folder.file(Self.file)))
    try handle.truncate(atOffset: UInt64(size))
    try handle.close()
    let holes = FileSystem.holes(in: folder.folder.file(Self.file))
    try #require(!holes.isEmpty, "this file system has no holes")
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.unwritten] && found[0].severity == .error)
    #expect(
      found[0].message
        == "has \(holes[0].count) of \(size) bytes that were never written and read as zeros, from byte \(holes[0].lowerBound) on and up to its end"
    )
    // A file of zeros that were written has no holes.
    try folder.change(Self.file) { $0.replaceSubrange(($0.count - 8192)..., with: [UInt8](repeating: 0, count: 8192)) }
    #expect(try folder.findings() == [])
  }

  @Test("a folder with a configuration and no weights, and one with nothing")
  func noWeights() throws {
    let configuration = try AuditedFolder.findings(Fixture.folder("hymba-1.5b"))
    #expect(configuration.map(\.kind) == [.weightsMissing])
    #expect(configuration[0].message.contains("it holds config.json and no weights"))
    let empty = try TemporaryFolder()
    #expect(try AuditedFolder.findings(empty.path).map(\.kind) == [.weightsMissing])
  }
}
