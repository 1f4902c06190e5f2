import CHDF5

/// What a dataset declares: type, shape and storage. None of its data is read for that.
package struct HDF5DatasetForm: Sendable, Equatable {
  package enum Layout: Sendable, Equatable {
    /// The data is in the dataset's header.
    case compact
    /// The data is in one piece.
    case contiguous
    /// The data is in chunks of this shape, each stored by itself. The file has `stored` of them.
    case chunked([Int], stored: Int)
    /// The data is pieced together from other datasets.
    case virtual
  }

  package let type: HDF5Datatype
  /// The length of each dimension, in elements. Empty for a scalar; nil for a null dataspace, which holds
  /// nothing, and for a virtual dataset.
  package let dimensions: [Int]?
  package let layout: Layout
  /// The filters, in the order in which they were applied when the dataset was written.
  package let filters: [Filter]
  /// The bytes that the data takes in the file.
  package let storedBytes: Int
}

extension HDF5File {
  /// What the dataset with its header at `address` declares.
  ///
  /// - Parameter isPlain: Whether the header is known to say that the data has no filters, and is in one piece
  ///   or in the header itself. The layout is then given as ``HDF5DatasetForm/Layout/contiguous``, and the
  ///   library is not asked for it, which takes longer than all the rest.
  /// - Throws: ``HDF5Error/library(_:)``.
  package func form(
    ofDatasetAt address: UInt64, isPlain: Bool
  ) throws(HDF5Error) -> HDF5DatasetForm {
    try HDF5DatasetForm(open(at: address), isPlain: isPlain)
  }
}

extension HDF5DatasetForm {
  init(_ dataset: borrowing Identifier, isPlain: Bool) throws(HDF5Error) {
    guard !isPlain else {
      self.type = try HDF5Datatype(Identifier { H5Dget_type(dataset.value) })
      self.dimensions = try Self.dimensions(Identifier { H5Dget_space(dataset.value) })
      self.storedBytes = try Gate.call { Int(clamping: H5Dget_storage_size(dataset.value)) }
      self.layout = .contiguous
      self.filters = []
      return
    }
    let properties = try Identifier { H5Dget_create_plist(dataset.value) }
    let layout = H5D_layout_t(rawValue: try Gate.call { H5Pget_layout(properties.value).rawValue })
    let type = try Identifier { H5Dget_type(dataset.value) }
    self.type = try HDF5Datatype(type)
    self.filters = try Self.filters(properties)
    // To ask for more of a virtual dataset would open the files that it is made of.
    guard layout != H5D_VIRTUAL else {
      self.layout = .virtual
      self.dimensions = nil
      self.storedBytes = 0
      return
    }
    let space = try Identifier { H5Dget_space(dataset.value) }
    let dimensions = try Self.dimensions(space)
    self.dimensions = dimensions
    self.storedBytes = try Gate.call { Int(clamping: H5Dget_storage_size(dataset.value)) }
    switch layout {
    case H5D_COMPACT: self.layout = .compact
    case H5D_CHUNKED:
      self.layout = try Self.chunks(dataset, space, properties, rank: dimensions?.count ?? 0)
    default: self.layout = .contiguous
    }
  }

  private static func dimensions(_ space: borrowing Identifier) throws(HDF5Error) -> [Int]? {
    let kind = try Gate.call { H5Sget_simple_extent_type(space.value).rawValue }
    guard kind != H5S_NULL.rawValue else { return nil }
    let rank = try Gate.call { H5Sget_simple_extent_ndims(space.value) }
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    try Gate.call { unsafe H5Sget_simple_extent_dims(space.value, &lengths, nil) }
    return lengths.map { Int(clamping: $0) }
  }

  private static func chunks(
    _ dataset: borrowing Identifier, _ space: borrowing Identifier,
    _ properties: borrowing Identifier, rank: Int
  ) throws(HDF5Error) -> Layout {
    // There is room for one dimension more than the dataset has, to find chunks of another rank.
    var lengths = [hsize_t](repeating: 0, count: rank + 1)
    let found = try Gate.call { unsafe H5Pget_chunk(properties.value, Int32(rank + 1), &lengths) }
    guard Int(found) == rank else { throw .library("its chunks have \(found) dimensions") }
    var stored: hsize_t = 0
    try Gate.call { unsafe H5Dget_num_chunks(dataset.value, space.value, &stored) }
    return .chunked(
      lengths.prefix(rank).map { Int(clamping: $0) }, stored: Int(clamping: stored))
  }
}
