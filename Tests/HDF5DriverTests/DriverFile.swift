import CHDF5
import HDF5Driver
import TestSupport

@testable import HDF5

/// A file that the library's own functions open through the driver. Every call goes through the gate, as other tests
/// of this process call the library too.
struct DriverFile: ~Copyable {
  let id: Identifier

  /// - Parameter flags: The library's; 0 is for reading only.
  init(_ path: String, flags: UInt32 = chdf5_read_only()) throws(HDF5Error) {
    let access = try Identifier { H5Pcreate(chdf5_file_access()) }
    try Gate.call { H5Pset_fclose_degree(access.value, H5F_CLOSE_STRONG) }
    try Gate.call { H5Pset_file_locking(access.value, true, true) }
    try Gate.call { hdf5_set_reader(access.value) }
    self.id = try Identifier { unsafe H5Fopen(path, flags, access.value) }
  }

  /// The dataset or group at `path`.
  func object(_ path: String) throws(HDF5Error) -> Identifier {
    try Identifier { unsafe H5Oopen(id.value, path, chdf5_default()) }
  }

  /// The names in the group at `path`, in the order in which the file has them.
  func names(in path: String = "/") throws(HDF5Error) -> [String] {
    let group = try object(path)
    var names: [String] = []
    try Gate.call {
      unsafe withUnsafeMutablePointer(to: &names) { names in
        unsafe chdf5_iterate_links(
          group.value,
          { _, name, _, context in
            guard let name = unsafe name,
              let names = unsafe context?.assumingMemoryBound(to: [String].self)
            else { return -1 }
            unsafe names.pointee.append(String(cString: name))
            return 0
          }, names)
      }
    }
    return names
  }

  /// All numbers of the dataset at `path`, little-endian.
  func bytes(of path: String) throws(HDF5Error) -> [UInt8] {
    let dataset = try object(path)
    let fileType = try Identifier { H5Dget_type(dataset.value) }
    let type = try Identifier { H5Tcopy(fileType.value) }
    try Gate.call { H5Tset_order(type.value, H5T_ORDER_LE) }
    let space = try Identifier { H5Dget_space(dataset.value) }
    let elements = try Gate.call { H5Sget_simple_extent_npoints(space.value) }
    let size = try Gate.call { Int(clamping: H5Tget_size(type.value)) }
    var bytes = [UInt8](repeating: 0xEE, count: Int(elements) * size)
    // 0 is H5S_ALL; the buffer has as many bytes as the dataset.
    try Gate.call { unsafe H5Dread(dataset.value, type.value, 0, 0, chdf5_default(), &bytes) }
    return bytes
  }
}

/// The files of `Tests/Fixtures/hdf5`.
func fixture(_ name: String) -> String { Fixture.path("hdf5", name) }
