import Testing

@testable import HymbaFormat

@Suite("Digests")
struct DigestTests {
  @Test(
    "SHA-256 gives the values of FIPS 180",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func sha256(_ text: String, _ digest: String) {
    #expect("\(SHA256Digest(of: Array(text.utf8)))" == digest)
  }

  @Test("SHA-256 of a million letters in pieces is that of FIPS 180")
  func sha256InPieces() {
    var hasher = SHA256Hasher()
    let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for _ in 0..<999 { hasher.update(letters.raw) }
    hasher.update([UInt8](letters[..<1]).raw)
    hasher.update([UInt8]().raw)
    hasher.update([UInt8](letters[1...]).raw)
    #expect(
      "\(hasher.finalize())" == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// The second value is of six floats 0…5 and comes from another implementation's run (the specification's
  /// example).
  @Test(
    "XXH3 gives the 128-bit values of the canonical form",
    arguments: [
      ([], "99aa06d3014798d86001c324468d497f"),
      (
        [
          0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40, 0, 0,
          0xA0, 0x40,
        ],
        "2d0408b485dd77b108c27fcd95d1fea5"
      ),
    ] as [([UInt8], String)])
  func xxh3(_ bytes: [UInt8], _ digest: String) throws {
    var hasher = try XXH3Hasher()
    for byte in bytes { hasher.update([byte].raw) }
    #expect("\(hasher.finalize())" == digest)
  }

  @Test("a digest is read from its own text")
  func text() {
    let sha256 = "00ff0123456789abcdef00000000000000000000000000000000000000000010"
    #expect(SHA256Digest(hexadecimal: sha256)?.description == sha256)
    let xxh3 = "00ff0123456789abcdef000000000010"
    #expect(XXH3Digest(hexadecimal: xxh3)?.description == xxh3)
  }

  @Test(
    "any other text is no digest",
    arguments: [
      "", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
      String(repeating: "0", count: 66),
      String(repeating: "A", count: 64), String(repeating: "g", count: 64),
      " " + String(repeating: "0", count: 63),
      String(repeating: "é", count: 32), String(repeating: "0", count: 31),
      String(repeating: "G", count: 32),
      String(repeating: "0", count: 30), "0x" + String(repeating: "0", count: 30),
    ])
  func noDigest(_ text: String) {
    #expect(SHA256Digest(hexadecimal: text) == nil && XXH3Digest(hexadecimal: text) == nil)
  }
}
