import CHDF5

/// A dataset that is open for reading.
package struct HDF5Dataset: ~Copyable, Sendable {
  package let form: HDF5DatasetForm
  let id: Identifier
  /// The type of the elements in memory: that of the file, in little-endian order.
  private let memoryType: Identifier
  private let elementBytes: Int

  /// Opens the dataset at `path`, whose header is at `address`. The corresponding C function is `H5Dopen`.
  ///
  /// - Parameter cacheBytes: The most bytes of decoded chunks that are kept in memory; nil for a dataset in one
  ///   piece, which is opened by its address.
  /// - Throws: ``HDF5Error/library(_:)``.
  package init(
    _ file: borrowing HDF5File, at path: String, _ address: UInt64, cacheBytes: Int?
  ) throws(HDF5Error) {
    let id = try Self.open(file, path, address, cacheBytes)
    let form = try HDF5DatasetForm(id, isPlain: cacheBytes == nil)
    let fileType = try Identifier { H5Dget_type(id.value) }
    let memoryType = try Identifier { H5Tcopy(fileType.value) }
    switch form.type {
    // For complex numbers this sets the byte order of both parts.
    case .integer, .float, .complex: try Gate.call { H5Tset_order(memoryType.value, H5T_ORDER_LE) }
    default: break
    }
    self.elementBytes = try Gate.call { Int(clamping: H5Tget_size(memoryType.value)) }
    self.form = form
    self.id = id
    self.memoryType = memoryType
  }

  private static func open(
    _ file: borrowing HDF5File, _ path: String, _ address: UInt64, _ cacheBytes: Int?
  ) throws(HDF5Error) -> Identifier {
    // The size of the cache can be set only for a dataset that is opened by its path.
    guard let cacheBytes else { return try file.open(at: address) }
    let access = try HDF5File.accessList(cacheBytes: cacheBytes)
    return try Identifier { unsafe H5Dopen2(file.id.value, path, access.value) }
  }

  /// Reads a block of elements into `buffer`, in row-major order, little-endian. The corresponding C functions
  /// are `H5Sselect_hyperslab` and `H5Dread`.
  ///
  /// - Parameters:
  ///   - start: The first element along each dimension; empty for a scalar.
  ///   - count: The number of elements along each dimension.
  /// - Throws: ``HDF5Error/wrongSize(expected:found:)`` when `buffer` has not the size of the block, or `start`
  ///   or `count` not the rank of the dataset; ``HDF5Error/library(_:)``.
  package func read(
    start: [Int], count: [Int], into buffer: inout MutableRawSpan
  ) throws(HDF5Error) {
    var expected = elementBytes
    for length in count {
      let (product, overflow) = expected.multipliedReportingOverflow(by: length)
      guard !overflow, length >= 0 else {
        throw .wrongSize(expected: .max, found: buffer.byteCount)
      }
      expected = product
    }
    guard expected == buffer.byteCount else {
      throw .wrongSize(expected: expected, found: buffer.byteCount)
    }
    guard expected > 0 else { return }
    let fileSpace = try Identifier { H5Dget_space(id.value) }
    let rank = try Gate.call { H5Sget_simple_extent_ndims(fileSpace.value) }
    guard Int(rank) == start.count, Int(rank) == count.count else {
      throw .wrongSize(expected: Int(rank), found: count.count)
    }
    if rank > 0 {
      let start = start.map { hsize_t(clamping: $0) }
      let count = count.map { hsize_t(clamping: $0) }
      try Gate.call {
        unsafe H5Sselect_hyperslab(fileSpace.value, H5S_SELECT_SET, start, nil, count, nil)
      }
    }
    let elements = [hsize_t(expected / elementBytes)]
    let memorySpace = try Identifier { unsafe H5Screate_simple(1, elements, nil) }
    // The library writes as many elements as the memory space has, which is the buffer's size.
    try unsafe buffer.withUnsafeMutableBytes { bytes throws(HDF5Error) in
      _ = try Gate.call {
        unsafe H5Dread(
          id.value, memoryType.value, memorySpace.value, fileSpace.value, chdf5_default(),
          bytes.baseAddress)
      }
    }
  }
}
