import CHDF5

extension HDF5DatasetForm {
  /// A filter that is applied to each chunk, such as a compression.
  package struct Filter: Sendable, Equatable {
    /// The number that is registered with the HDF Group: 1 is gzip, 2 shuffle, 3 fletcher32, 4 szip.
    package let number: Int
    package let name: String
    package let isAvailable: Bool
    /// The settings that the filter was given when the dataset was written.
    let settings: [UInt32]
  }

  /// The filter for which the data cannot be read: one that is none of gzip, shuffle, fletcher32 and szip, or
  /// two in an order in which no program writes them. Nil when all filters are supported.
  ///
  /// The size of the output of other filters cannot be checked before the library decodes a chunk.
  package var unsupportedFilter: String? {
    var compression: Filter?
    for filter in filters {
      switch Int32(filter.number) {
      case H5Z_FILTER_FLETCHER32: continue
      case H5Z_FILTER_SHUFFLE where compression == nil: continue
      case H5Z_FILTER_DEFLATE where compression == nil,
        H5Z_FILTER_SZIP where compression == nil:
        compression = filter
      case H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_SZIP:
        return "\(filter.name) behind \(compression?.name ?? "another")"
      default: return filter.name
      }
    }
    return nil
  }

  /// The filters of a dataset. The corresponding C function is `H5Pget_filter`.
  static func filters(_ properties: borrowing Identifier) throws(HDF5Error) -> [Filter] {
    let count = try Gate.call { H5Pget_nfilters(properties.value) }
    var filters: [Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var settings = [UInt32](repeating: 0, count: 8)
      var settingCount = settings.count
      var abilities: UInt32 = 0
      var name = [CChar](repeating: 0, count: 64)
      // The library writes no more values and letters than there is room for. It returns the number of values.
      let filter = try Gate.call {
        unsafe H5Pget_filter2(
          properties.value, index, &flags, &settingCount, &settings, name.count - 1, &name,
          &abilities)
      }
      let isAvailable = try Gate.call { H5Zfilter_avail(filter) } > 0
      let text = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      filters.append(
        Filter(
          number: Int(filter), name: text.isEmpty ? "number \(filter)" : text,
          isAvailable: isAvailable, settings: Array(settings.prefix(settingCount))))
    }
    return filters
  }
}
