import HymbaFormat
import TestSupport
import Testing

@Suite("Fingerprint")
struct FingerprintTests {
  @Test("it is the SHA-256 of one line for each tensor, sorted by the bytes of the names")
  func lines() throws {
    // "é" sorts behind "z" by bytes and before it for people; "e\u{301}" is the same character and sorts before "f".
    let memory = try MemorySource([
      .init("é", .bool, [3], Array("abc".utf8)), .init("z", .int64, [0, 2], []),
      .init("B", .float8E4M3, [], [0x61]), .init("b", .uint8, [1, 3], Array("abc".utf8)),
      .init("xf", .float8E5M2, [1], [0x61]), .init("xe\u{301}", .int8, [1], [0x61]),
    ])
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let a = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    let lines =
      "B\tF8_E4M3\t[]\t\(a)\n" + "b\tU8\t[1,3]\t\(abc)\n" + "xe\u{301}\tI8\t[1]\t\(a)\n"
      + "xf\tF8_E5M2\t[1]\t\(a)\n" + "z\tI64\t[0,2]\t\(Forgery.emptySHA256)\n"
      + "é\tBOOL\t[3]\t\(abc)\n"
    #expect(try Fingerprint.compute(of: memory, jobs: 1) == SHA256Digest(of: Array(lines.utf8)))
  }

  @Test("another name, type, shape or byte gives another one")
  func differences() throws {
    func fingerprint(_ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8]) throws
      -> SHA256Digest
    {
      try Fingerprint.compute(of: MemorySource([.init(name, type, shape, bytes)]), jobs: 1)
    }
    let all = try [
      fingerprint("a", .uint8, [2], [1, 2]), fingerprint("b", .uint8, [2], [1, 2]),
      fingerprint("a", .int8, [2], [1, 2]),
      fingerprint("a", .uint8, [1, 2], [1, 2]), fingerprint("a", .uint8, [2], [1, 3]),
      fingerprint("a", .uint16, [1], [1, 2]),
    ]
    #expect(Set(all).count == all.count)
  }

  @Test(
    "a name with a line break, which could pass for another tensor's line, has none",
    arguments: ["a\nb", "a\tb", "\u{2028}"])
  func lineBreaks(_ name: String) throws {
    let memory = try MemorySource([.init("ok", .uint8, [1], [1]), .init(name, .uint8, [1], [2])])
    #expect(
      message { _ = try Fingerprint.compute(of: memory, jobs: 1) }
        == "the tensor name “\(name.printable)” has control characters and so no line of its own in a fingerprint"
    )
  }

  @Test("it counts the bytes that it read")
  func progress() throws {
    var done = 0
    let memory = try MemorySource([
      .init("a", .uint8, [2], [1, 2]), .init("b", .int16, [1], [1, 2]),
    ])
    _ = try Fingerprint.compute(of: memory, jobs: 1) { done += $0 }
    #expect(done == 4)
  }
}
