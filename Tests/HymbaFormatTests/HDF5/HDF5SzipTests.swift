import HymbaFormat
import TestSupport
import Testing

@Suite("Chunks that szip compressed")
struct HDF5SzipTests {
  /// nil where the library has no szip, which is named then.
  private func open(_ file: String) throws -> HDF5Source? {
    do {
      return try HDF5Source(HDF5Fixture.path(file))
    } catch FormatError.hdf5(.filterMissing(_, let filter)) {
      #expect(filter == "szip")
      return nil
    }
  }

  @Test("each of its forms holds the numbers that were stored beside it without")
  func forms() throws {
    guard let source = try open("szip-forms.h5") else { return }
    let compressed = source.tensors.filter { $0.name.hasPrefix("szip.") }
    #expect(compressed.count == 20)
    for tensor in compressed {
      let plain = try #require(source.tensors["plain." + tensor.name.dropFirst(5)])
      #expect(try source.bytes(of: tensor) == source.bytes(of: plain), "\(tensor.name)")
    }
  }

  @Test("a stream that ends early is damage: nothing says what the rest of its chunk would be")
  func ends() throws {
    guard let source = try open("refused/szip-ends.h5") else { return }
    #expect(source.tensors.count > 40)
    for tensor in source.tensors {
      do {
        _ = try source.bytes(of: tensor)
        Issue.record("\(tensor.name) was read")
      } catch FormatError.hdf5(.damaged(let path, let why)) {
        #expect(path == "/" + tensor.name)
        #expect(why.hasPrefix("a chunk decodes to "))
        #expect(why.hasSuffix(" bytes instead of \(tensor.byteCount)"))
      }
    }
  }

  @Test("a stream whose stored size is made smaller is damage")
  func storedSize() throws {
    var bytes = try HDF5Fixture.bytes("szip.h5")
    // The stored bytes of a chunk, as the index has them, and those that it decodes to are h5py's. Six bytes of stream
    // do not hold its first block, which is one of eight bytes that are stored as they are.
    #expect(bytes[2616] == 42)
    bytes[2616] = 10
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "short.h5")
    do {
      let source = try HDF5Source(path)
      #expect(
        message { _ = try source.bytes(of: source.tensors[0]) }
          == "the data of the dataset “/a/rows” is damaged: a chunk decodes to 0 bytes instead of 384"
      )
    } catch FormatError.hdf5(.filterMissing) {}
  }
}
