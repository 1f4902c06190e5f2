import HymbaFormat
import TestSupport
import Testing

@Suite("The superblock of an HDF5 file")
struct HDF5SuperblockTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ bytes: [UInt8]) throws -> String? {
    let path = try folder.write(bytes, to: "x.h5")
    return message { _ = try HDF5Source(path) }
  }

  @Test("the signature is found at 0 and behind a block of 512, 1024, … bytes, and nowhere else")
  func signature() throws {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]
    for (offset, expected) in [
      (0, true), (512, true), (1024, true), (4096, true), (1, false), (256, false), (1536, false),
    ] {
      let bytes = [UInt8](repeating: 7, count: offset) + signature
      let file = try InputFile(folder.write(bytes, to: "x"))
      #expect(try HDF5Signature.isIn(file) == expected, "\(offset)")
    }
    #expect(try !HDF5Signature.isIn(InputFile(folder.write([0x89, 0x48], to: "x"))))
    #expect(try !HDF5Signature.isIn(InputFile(folder.write([], to: "x"))))
  }

  @Test("a block of another program that was put in front later does no harm")
  func userBlock() throws {
    let bytes = try [UInt8](repeating: 7, count: 2048) + HDF5Fixture.bytes("links.h5")
    let source = try HDF5Source(folder.write(bytes, to: "x.h5"))
    #expect(
      try source.bytes(of: #require(source.tensors["embed.weight"]))
        == (0..<12).map { Float($0) }.littleEndianBytes)
  }

  @Test(
    "a file cut anywhere behind the superblock is told so, with both sizes",
    arguments: ["links.h5", "nested.h5", "big-endian.h5"])
  func cut(_ name: String) throws {
    let bytes = try HDF5Fixture.bytes(name)
    let start = name == "big-endian.h5" ? 512 : 0
    for length in [start + 96, start + 800, bytes.count / 2, bytes.count - 1] {
      #expect(
        try refusal(Array(bytes.prefix(length)))
          == "the file ends early: its HDF5 superblock says that it ends at byte \(bytes.count), but it has \(length) bytes"
      )
    }
    #expect(
      try refusal(Array(bytes.prefix(start + 20)))
        == "not a readable HDF5 file: it ends within its superblock")
  }

  @Test("versions and sizes that do not exist are refused before the library sees them")
  func invalid() throws {
    var bytes = try HDF5Fixture.bytes("links.h5")
    bytes[8] = 4
    #expect(
      try refusal(bytes)
        == "not a readable HDF5 file: its superblock has the version 4, and 0 to 3 are known")
    bytes[8] = 0
    bytes[13] = 32
    #expect(
      try refusal(bytes)
        == "not a readable HDF5 file: it has addresses of 32 and lengths of 8 bytes; both have 8 in the files that are read here"
    )
    bytes[13] = 8
    bytes[14] = 0
    #expect(
      try refusal(bytes)
        == "not a readable HDF5 file: it has addresses of 8 and lengths of 0 bytes; both have 8 in the files that are read here"
    )
    bytes[14] = 8
    // The base address: above the end.
    bytes[31] = 1
    #expect(
      try refusal(bytes)
        == "not a readable HDF5 file: its superblock says that the file ends before it begins")
  }

  @Test("a file without a signature is no HDF5 file")
  func noSignature() throws {
    #expect(
      try refusal(Array("hello".utf8)) == "not a readable HDF5 file: it has no HDF5 signature")
  }

  @Test("a file for a newer HDF5 is read where the library knows it, and told apart where not")
  func newer() throws {
    let found = message { _ = try HDF5Source(HDF5Fixture.path("refused/newer.h5")) }
    #expect(
      [
        nil,
        "the HDF5 library cannot read “/w”: bad version number for layout message; the file is damaged, or of a newer HDF5: with h5py, write it with libver=('v110', 'v110')",
      ].contains(found))
  }
}
