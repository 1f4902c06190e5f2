import TestSupport
import Testing

@testable import HymbaFormat

@Suite("What lies beside good datasets of an HDF5 file and leads to none")
struct HDF5LinkTests {
  @Test("a name that begins with a mark, which joins the character before it, keeps all of it")
  func marks() throws {
    let source = try HDF5Source(HDF5Fixture.path("mark-names.h5"))
    #expect(
      Set(source.tensors.map { NameKey($0.name) })
        == Set(["\u{301}x", "\u{E31}.w", "\u{200D}k.w", "g.\u{301}w"].map(NameKey.init)))
  }

  @Test("links into other files, to nothing, in circles and back to groups are left aside by their paths")
  func links() throws {
    let source = try HDF5Source(HDF5Fixture.path("bad-links.h5"))
    #expect(source.tensors.map(\.name).sorted() == ["g.v", "good", "w"])
    #expect(
      try source.bytes(of: #require(source.tensors["w"]))
        == (0..<6).map { Float($0) }.littleEndianBytes)
    #expect(
      source.leftAside.map(\.kind) == [.linksElsewhere, .linksToNothing, .linksBack])
    #expect(
      source.leftAside.map { $0.names.sorted() } == [
        ["/other", "/whole"],
        ["/dangling", "/first", "/g/relative", "/latin", "/second", "/through"],
        ["/g/root", "/g/up"],
      ])
    #expect(
      source.remarks.first == "left aside as links into other files: “/other”, “/whole”")
    #expect(source.keptBytes == source.files[0].bytes)
  }

  @Test("attributes of groups and datasets are left aside by their paths, but for those that say what the elements are")
  func attributes() throws {
    let source = try HDF5Source(HDF5Fixture.path("inner-attributes.h5"))
    #expect(source.tensors["b"]?.type == .bfloat16)
    #expect(source.tensors["w"]?.type == .float32)
    #expect(source.leftAside.map(\.kind) == [.notTensors])
    #expect(
      source.leftAside.first?.names.sorted() == [
        "attribute dtype of /w", "attribute note of /b", "attribute scale of /w",
        "attribute title of /g", "attribute units of /w",
        "attributes of /g/v that are stored apart",
      ])
    // h5py's storage sizes, in the order of the names.
    #expect(source.leftAside.first?.bytes == 16 + 5 + 8 + 5 + 16)
  }

  @Test("complex numbers of single precision arrive bit for bit, and another structure is left aside")
  func complex() throws {
    let source = try HDF5Source(HDF5Fixture.path("complex.h5"))
    let expected = try SafetensorsSource(HDF5Fixture.path("complex.safetensors"))
    #expect(Set(source.tensors) == Set(expected.tensors))
    for tensor in expected.tensors {
      #expect(try source.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(source.leftAside.map(\.names) == [["/point"]])
  }
}
