import CHDF5
import HDF5Driver

/// An HDF5 file that is open for reading. Links into other files are not followed.
///
/// It may be used from several threads; their calls wait for each other.
package struct HDF5File: ~Copyable, Sendable {
  let id: Identifier
  /// The access list for opening objects by path. It keeps links from leaving the file.
  let access: Identifier

  /// Opens the file at `path`. The corresponding C function is `H5Fopen`.
  /// - Throws: ``HDF5Error/library(_:)``.
  package init(_ path: String) throws(HDF5Error) {
    let access = try Identifier { H5Pcreate(chdf5_file_access()) }
    try Gate.call { H5Pset_fclose_degree(access.value, H5F_CLOSE_STRONG) }
    try Gate.call { H5Pset_file_locking(access.value, true, true) }
    // The driver checks every address that the library reads from.
    try Gate.call { hdf5_set_reader(access.value) }
    try Gate.call { hdf5_limit_metadata(access.value, Self.metadataBytes) }
    let file = try Identifier { unsafe H5Fopen(path, chdf5_read_only(), access.value) }
    self.access = try Self.accessList()
    self.id = file
  }

  /// Bytes of headers and indices that the library keeps in memory. Nothing is looked up twice in a way that
  /// needs more.
  private static let metadataBytes = 1 << 20

  /// Opens the object that has its header at `address`. That is faster than by name, because to look a name up
  /// in a large group reads all names. The corresponding C function is `H5Oopen_by_addr`.
  func open(at address: UInt64) throws(HDF5Error) -> Identifier {
    try Identifier { H5Oopen_by_addr(id.value, haddr_t(address)) }
  }

  /// The object at `path`. Links within the file are followed. The corresponding C function is
  /// `H5Oget_info_by_name`.
  /// - Throws: ``HDF5Error/library(_:)`` when the path leads to nothing in the file.
  package func object(at path: String) throws(HDF5Error) -> HDF5Object {
    var info = H5O_info_t()
    try Gate.call { unsafe chdf5_object_info(id.value, path, &info, access.value) }
    let kind: HDF5Object.Kind =
      switch info.type {
      case H5O_TYPE_GROUP: .group
      case H5O_TYPE_DATASET: .dataset
      case H5O_TYPE_NAMED_DATATYPE: .datatype
      default: .unknown
      }
    return HDF5Object(kind: kind, address: UInt64(info.addr))
  }

  /// An access list for opening objects by path.
  /// - Parameter cacheBytes: The most bytes of decoded chunks that a dataset keeps; nil for the library's
  ///   default.
  static func accessList(cacheBytes: Int? = nil) throws(HDF5Error) -> Identifier {
    let access = try Identifier { H5Pcreate(chdf5_dataset_access()) }
    try Gate.call { hdf5_stay_in_file(access.value) }
    if let cacheBytes {
      // 12 421 is the number of hash slots: a prime, far more than the cache has chunks. With 1, the cache
      // first drops chunks that were read completely.
      try Gate.call { H5Pset_chunk_cache(access.value, 12_421, cacheBytes, 1) }
    }
    return access
  }
}

/// An object that a path leads to.
package struct HDF5Object: Sendable, Equatable {
  package enum Kind: Sendable { case group, dataset, datatype, unknown }

  package let kind: Kind
  /// The address of the object's header. Two paths with the same address are one object.
  package let address: UInt64

  package init(kind: Kind, address: UInt64) {
    self.kind = kind
    self.address = address
  }
}
