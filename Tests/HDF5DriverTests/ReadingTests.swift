import CHDF5
import Foundation
import HDF5Driver
import HymbaFormat
import TestSupport
import Testing

@testable import HDF5

@Suite("Reading with the driver")
struct ReadingTests {
  @Test(
    "datasets in one piece, in chunks and behind filters hold what was written",
    arguments: ["types-little.h5", "types-chunked.h5", "types-gzip.h5"])
  func values(_ name: String) throws {
    let file = try DriverFile(fixture(name))
    let expected = try SafetensorsSource(fixture("types.safetensors"))
    for element in ["a.float64", "a.float32", "a.int16", "a.uint8", "a.rows"] {
      let tensor = try #require(expected.tensors[element])
      let path = "/" + element.replacing(".", with: "/")
      #expect(try file.bytes(of: path) == expected.bytes(of: tensor), "\(element)")
    }
  }

  @Test("a stored chunk is the one that the file has, filtered as it is")
  func chunk() throws {
    let file = try DriverFile(fixture("types-tiles.h5"))
    let dataset = try file.object("/a/float32")
    let start = [hsize_t](repeating: 0, count: 3)
    var size: hsize_t = 0
    try Gate.call { unsafe H5Dget_chunk_storage_size(dataset.value, start, &size) }
    var filters: UInt32 = 0
    var chunk = [UInt8](repeating: 0, count: Int(size))
    try Gate.call { unsafe H5Dread_chunk(dataset.value, chdf5_default(), start, &filters, &chunk) }
    #expect(filters == 0)
    // A zlib stream begins with its method and a sum that is a multiple of 31 (RFC 1950, section 2.2).
    #expect(chunk.first == 0x78)
    #expect((Int(chunk[0]) << 8 | Int(chunk[1])) % 31 == 0)
    let whole = try Array(Data(contentsOf: URL(filePath: fixture("types-tiles.h5"))))
    #expect(whole.firstRange(of: chunk) != nil)
  }

  @Test("a file that was cut after it was opened ends early")
  func cut() throws {
    let folder = try TemporaryFolder()
    let bytes = try Array(Data(contentsOf: URL(filePath: fixture("flat.h5"))))
    let path = try folder.write(bytes, to: "x.h5")
    let file = try DriverFile(path)
    let cut = unsafe truncate(path, 200)
    #expect(cut == 0)
    #expect(throws: HDF5Error.library("the file ends early")) { _ = try file.names() }
  }
}
