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

  /// The file of `flat.h5` with another letter in the name of one dataset, in the list of names of its group.
  private func renaming(_ letter: String) throws -> String {
    var bytes = try HDF5Fixture.bytes("flat.h5")
    let name = Array("hymba_block_1_attn_k.bias".utf8) + [0]
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    bytes.replaceSubrange(place..<place + 20, with: Array("hymba_block_1_attn_\(letter)".utf8))
    return try folder.write(bytes, to: "\(letter).h5")
  }

  /// The library looks a name up by the order of all names, which are not in order here.
  @Test("a dataset is found where its link leads, without a look at the names of its group")
  func addresses() throws {
    let source = try HDF5Source(renaming("z"))
    let expected = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    let renamed = try #require(source.tensors["hymba_block_1_attn_z.bias"])
    let tensor = try #require(expected.tensors["hymba_block_1_attn_k.bias"])
    #expect(try source.bytes(of: renamed) == expected.bytes(of: tensor))
    #expect(source.tensors.count == expected.tensors.count)
  }

  @Test("two entries of one name in a group are refused")
  func twice() throws {
    let path = try renaming("q")
    #expect(
      message { _ = try HDF5Source(path) }
        == "two entries of a group are named “/hymba_block_1_attn_q.bias”")
  }

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
