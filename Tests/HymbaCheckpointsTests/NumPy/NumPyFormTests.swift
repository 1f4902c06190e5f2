import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Archives and headers that NumPy reads and does not write itself, against what it reads of them.
@Suite struct NumPyFormTests {
  private func expectArrays(of archive: String, _ expectation: String) throws {
    let numPy = try ZippedCheckpoint.open(Fixture.path("npz", archive + ".npz"))
    let expected = try SafetensorsSource(Fixture.path("npz", expectation + ".safetensors"))
    #expect(Set(numPy.tensors) == Set(expected.tensors))
    for tensor in numPy.tensors {
      #expect(try numPy.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("texts with a u, comments, other spaces and quotes, and each version of the header are read")
  func headers() throws { try expectArrays(of: "headers", "headers") }

  @Test("complex numbers of single precision arrive bit for bit, in either order")
  func complex() throws { try expectArrays(of: "complex", "complex") }

  private static let bzip2IsMissing =
    "the entry “small.npy” is compressed with bzip2, which is not read here; save it again with numpy.savez_compressed, or unpack it and pack it again"

  @Test("bzip2 is read where libzip has it, and named where it does not")
  func bzip2() throws {
    do {
      try expectArrays(of: "bzip2", "compressions")
    } catch let error as ZipError {
      #expect(error.description == Self.bzip2IsMissing)
    }
  }

  @Test("LZMA, which is told how much memory to take, is refused by name")
  func lzma() {
    #expect(
      refusal { _ = try ZippedCheckpoint.open(Fixture.path("npz", "lzma.npz")) }
        == "the entry “small.npy” is compressed with LZMA, which is not read here; save it again with numpy.savez_compressed, or unpack it and pack it again"
    )
  }

  @Test("a stream of bzip2 that ends early, is damaged or holds another length is refused")
  func bzip2Damage() throws {
    // What Python's bz2 makes of the array of the bytes 1, 2 and 3.
    let array = NpyFile([3], [1, 2, 3]).bytes
    let stream: [UInt8] = [
      0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x75, 0xF0, 0x0F, 0x7E, 0x00, 0x00, 0x23, 0xDF,
      0xA0, 0x78, 0x10, 0x40, 0xE4, 0x28, 0x18, 0x01, 0x03, 0x42, 0x20, 0xAF, 0x45, 0xDE, 0x0E, 0x08, 0x00, 0x20,
      0x00, 0x54, 0x54, 0x68, 0xD3, 0x46, 0x11, 0xA0, 0x6D, 0x26, 0x86, 0x26, 0x8F, 0x48, 0x44, 0xD1, 0x34, 0x06,
      0x99, 0x19, 0x06, 0x9A, 0x68, 0x64, 0x7A, 0x80, 0xDE, 0xEA, 0x50, 0x9F, 0x54, 0x0C, 0x01, 0x11, 0x5C, 0xA0,
      0x24, 0xB3, 0x03, 0x28, 0x6B, 0x49, 0xC9, 0x33, 0x6A, 0x7F, 0xDA, 0xBF, 0x69, 0xC3, 0x09, 0x11, 0xD4, 0x48,
      0x98, 0x20, 0xF2, 0x24, 0xA6, 0x59, 0x80, 0x89, 0x0A, 0x38, 0x2A, 0x81, 0x60, 0x53, 0xF1, 0x77, 0x24, 0x53,
      0x85, 0x09, 0x07, 0x5F, 0x00, 0xF7, 0xE0,
    ]
    func entry(_ stored: [UInt8], contentBytes: Int) -> ZipFile {
      ZipFile(
        .init("a.npy", stored) {
          $0.method = 12
          $0.contentBytes = contentBytes
          $0.checksum = ZipFile.crc32(array)
        })
    }
    func message(_ stored: [UInt8], contentBytes: Int) -> String? {
      refusal {
        let (source, folder) = try open(entry(stored, contentBytes: contentBytes))
        defer { withExtendedLifetime(folder) {} }
        #expect(try source.bytes(of: source.tensors[0]) == [1, 2, 3])
      }
    }
    let whole = message(stream, contentBytes: array.count)
    guard whole?.contains("compressed with bzip2") != true else { return }
    #expect(whole == nil)
    // Its last ten bytes are a mark and a checksum: without them all content is there, and agrees with the archive's.
    for length in 0..<stream.count - 10 {
      let cut = message(Array(stream.prefix(length)), contentBytes: array.count)
      #expect(cut?.hasPrefix("the entry “a.npy” ") == true, "\(length): \(cut ?? "read")")
    }
    var damaged = stream
    damaged[stream.count / 2] ^= 1
    #expect(message(damaged, contentBytes: array.count)?.hasPrefix("the entry “a.npy” is damaged: ") == true)
    for length in [array.count - 1, array.count + 1] {
      #expect(message(stream, contentBytes: length) != nil)
    }
  }

  @Test("a version in between is refused, as NumPy refuses it")
  func minorVersion() {
    #expect(
      refusal { _ = try NumPySource(array: Fixture.path("npz", "version1.1.npy")) }
        == "the array “version1.1” has version 1.1 of the format, and NumPy has 1.0, 2.0 and 3.0; load it with the program that wrote it, and save it with numpy.save"
    )
  }

  @Test("a name that is not said to be UTF-8 is read as NumPy reads it, and one that is and is not is refused")
  func names() throws {
    let source = try ZippedCheckpoint.open(Fixture.path("npz", "names-437.npz"))
    #expect(source.tensors.map(\.name).sorted() == ["gr÷▀", "w"])
    #expect(
      refusal { _ = try ZippedCheckpoint.open(Fixture.path("npz", "names-damaged.npz")) }
        == ZipRefusalTests.contradiction)
    // Control characters are not the signs that code page 437 has in their places.
    let controls = try ZippedCheckpoint.open(Fixture.path("npz", "names-controls.npz"))
    #expect(controls.tensors.map(\.name).sorted() == ["\u{2}x", "a\u{8}b", "w\u{263B}"])
  }

  @Test("an entry that damage makes look like no array is damaged, and not left aside")
  func damagedHeader() throws {
    let folder = try TemporaryFolder()
    var bytes = try InputFile.contents(of: Fixture.path("npz", "c-compressed.npz"), limit: 1 << 20)
    // A bit of the deflated header of int8.npy, in which the name of a key becomes another.
    #expect(bytes[1270] == 0o151)
    bytes[1270] = 0o150
    let path = try folder.write(bytes, to: "a.npz")
    #expect(
      refusal { _ = try ZippedCheckpoint.open(path) }?.hasPrefix("the entry “int8.npy” is damaged")
        == true)
  }
}
