import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: tensors that are copied out")
struct CopiedContainerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A container of one tensor of two bytes, with the right digest of the stored bytes and the SHA-256 of no bytes.
  private func forged() throws -> ContainerSource {
    let tensor = Forgery.tensor("t", shape: "[2]", xxh3: try Forgery.xxh3(of: [1, 2]))
    return try ContainerSource(
      folder.write(
        Forgery(entries: [.init("t", bytes: [1, 2])], manifest: Forgery.manifest(tensors: "[\(tensor)]"))
          .bytes, to: "c"))
  }

  @Test("a tensor with another SHA-256 than the manifest says is not copied, whole or in parts")
  func otherContent() throws {
    let text = "the tensor “t” is damaged: its decoded bytes have another SHA-256 than the manifest says"
    let source = try forged()
    // Whoever computes with it is content with the digest of the stored bytes.
    #expect(try source.bytes(of: source.tensors[0]) == [1, 2])
    let copied = source.copied
    #expect(message { _ = try copied.bytes(of: copied.tensors[0]) } == text)
    for _ in 0..<2 {
      #expect(
        message { _ = try [UInt8](count: 1) { try copied.read(copied.tensors[0], from: 1, into: &$0) } } == text)
    }
    let refusal = message {
      try SafetensorsWriter.write(copied, to: folder.file("out"), replace: false, verifies: false)
    }
    #expect(refusal?.contains(text) == true, "\(refusal ?? "written")")
    #expect(try folder.entries == ["c"])
  }

  @Test("what is copied is what was stored", arguments: ContainerWriter.Compression.allCases)
  func same(_ compression: ContainerWriter.Compression) throws {
    let tensors: [MemorySource.Entry] = [
      .init("large", .bfloat16, [3, 1 << 20], Random.bytes(6 << 20)),
      .init("small", .float32, [3], Random.bytes(12)), .init("empty", .int8, [0], []),
      .init("twin", .float32, [3], Random.bytes(12)),
    ]
    let source = try ContainerSource(folder.container("c", compression, tensors))
    let expected = try MemorySource(tensors)
    for tensor in expected.tensors {
      let bytes = try expected.bytes(of: tensor)
      #expect(try source.copied.bytes(of: tensor) == bytes)
      let copied = source.copied
      let part = bytes.count / 3..<bytes.count
      let read = try [UInt8](count: part.count) { try copied.read(tensor, from: part.lowerBound, into: &$0) }
      #expect(read == Array(bytes[part]))
      #expect(try copied.digest(of: tensor, jobs: 3) == SHA256Digest(of: bytes))
    }
  }
}
