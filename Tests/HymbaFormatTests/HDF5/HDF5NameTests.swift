import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Names of HDF5 datasets")
struct HDF5NameTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("paths in two forms of one letter are two names")
  func forms() throws {
    let source = try HDF5Source(HDF5Fixture.path("two-forms.h5"))
    let zeros = try #require(source.tensors["caf\u{e9}.w"])
    let ones = try #require(source.tensors["cafe\u{301}.w"])
    #expect(try source.bytes(of: zeros) == [Float(0), 0].littleEndianBytes)
    #expect(try source.bytes(of: ones) == [Float(1), 1].littleEndianBytes)
  }

  @Test("a slash is one also where a combining mark follows")
  func slashes() { #expect("a/\u{301}b/c".dotted == "a.\u{301}b.c") }

  /// The chunks are destroyed after the first reading: whoever decoded them again would find that.
  @Test("a dataset of several names is decoded once")
  func tied() throws {
    let path = try folder.write(HDF5Fixture.bytes("tied.h5"), to: "tied.h5")
    let source = try HDF5Source(path)
    #expect(source.tensors.map(\.name).sorted() == ["a", "b", "c"])
    let bytes = try source.bytes(of: source.tensors[0])
    let stored = try HDF5Fixture.bytes("tied.h5")
    for start in stored.indices where stored[start...].starts(with: [0x78, 0x5E]) {
      try overwrite(path, at: start, with: [0, 0, 0, 0])
    }
    for tensor in source.tensors { #expect(try source.bytes(of: tensor) == bytes) }
    let damaged = try HDF5Source(path)
    #expect(throws: FormatError.self) { try damaged.bytes(of: damaged.tensors[0]) }
  }

  @Test("a large file whose names stand for many times its datasets is refused")
  func shared() throws {
    let path = try folder.write(HDF5Fixture.bytes("refused/many-names.h5"), to: "names.h5")
    // So long that its size alone would allow for as much.
    try cutFile(path, to: 20 << 20)
    #expect(
      message { _ = try HDF5Source(path) }
        == "its 201 names of datasets stand for 1686110208 bytes, more than 16 times the 8388608 bytes of the datasets themselves; no tied weights do"
    )
  }
}
