import CHDF5
import HDF5Driver
import TestSupport
import Testing

@testable import HDF5

@Suite("Links of files that the driver reads")
struct LinkTests {
  @Test("the entries of a group are those that h5py wrote")
  func names() throws {
    let file = try DriverFile(fixture("bad-links.h5"))
    #expect(
      try Set(file.names()) == [
        "w", "g", "good", "dangling", "first", "second", "other", "through", "whole", "latin",
      ])
    #expect(try Set(file.names(in: "g")) == ["v", "relative", "up", "root"])
  }

  @Test("a link into another file leads there by default, and nowhere with the list that stays in the file")
  func external() throws {
    let file = try DriverFile(fixture("bad-links.h5"))
    _ = try file.object("/other")
    let access = try Identifier { H5Pcreate(chdf5_dataset_access()) }
    try Gate.call { hdf5_stay_in_file(access.value) }
    for path in ["/other", "/whole", "/through"] {
      #expect(throws: HDF5Error.self, "\(path)") {
        _ = try Identifier { unsafe H5Oopen(file.id.value, path, access.value) }
      }
    }
    _ = try Identifier { unsafe H5Oopen(file.id.value, "/good", access.value) }
  }

  @Test("what is kept of headers in memory is limited to the bytes that were asked for")
  func metadata() throws {
    let access = try Identifier { H5Pcreate(chdf5_file_access()) }
    try Gate.call { hdf5_limit_metadata(access.value, 1 << 20) }
    try Gate.call { hdf5_set_reader(access.value) }
    let file = try Identifier {
      unsafe H5Fopen(fixture("flat.h5"), chdf5_read_only(), access.value)
    }
    var largest = 0, clean = 0, present = 0
    var entries: Int32 = 0
    try Gate.call {
      unsafe H5Fget_mdc_size(file.value, &largest, &clean, &present, &entries)
    }
    #expect(largest == 1 << 20)
    #expect(throws: HDF5Error.self, "the library refuses a limit below 1 kB") {
      try Gate.call { hdf5_limit_metadata(access.value, 1) }
    }
  }
}
