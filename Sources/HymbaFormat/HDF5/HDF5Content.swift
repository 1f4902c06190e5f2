#if HDF5
import HDF5

/// What a dataset is: a tensor or something else. None of its data is read for that.
enum HDF5Content {
  case tensor(HDF5Tensor)
  /// Texts, structures and the like, with the reason why it is no tensor, and the bytes that it takes in the
  /// file.
  case other(HDF5Problem, bytes: Int)

  /// Opens the dataset at `path`, whose header is at `address`.
  /// - Throws: ``FormatError`` for a damaged header, and for a dataset that may hold numbers but cannot be
  ///   read.
  init(
    _ file: borrowing HDF5File, _ path: String, _ address: UInt64, _ texts: HDF5Texts
  ) throws(FormatError) {
    let header = try texts.header(at: address)
    // The library must not open virtual or external datasets: it trusts the lists of their parts.
    guard !header.isVirtual else { throw .hdf5(.virtual(path: path)) }
    guard !header.isExternal else { throw .hdf5(.externalStorage(path: path)) }
    let form = try Self.form(file, path, address, header)
    guard !form.type.isForeign else {
      self = .other(.notATensor(path: path, holds: form.type.words), bytes: form.storedBytes)
      return
    }
    guard let dimensions = form.dimensions else {
      self = .other(.noExtent(path: path), bytes: form.storedBytes)
      return
    }
    let mark =
      form.type.isMarkable
      ? try texts.marks(of: header, at: path).lazy.compactMap { mark in
        ElementType(hdf5Mark: mark.text).map { (attribute: mark.attribute, type: $0) }
      }.first : nil
    guard let type = ElementType(form.type, mark: mark?.type) else {
      throw .hdf5(
        .unsupportedElements(path: path, holds: form.type.words, wayOut: form.type.wayOut))
    }
    self = .tensor(
      try HDF5Tensor(
        form, at: path, address, type: type, mark: mark?.type == type ? mark?.attribute : nil,
        dimensions: dimensions, fileBytes: texts.fileBytes))
  }

  /// The bytes that the dataset takes in the file; 0 for a dataset that the library must not open.
  /// - Throws: ``FormatError`` for a damaged header.
  static func storedBytes(
    _ file: borrowing HDF5File, _ path: String, _ address: UInt64, _ texts: HDF5Texts
  ) throws(FormatError) -> Int {
    let header = try texts.header(at: address)
    guard !header.isVirtual, !header.isExternal else { return 0 }
    return try form(file, path, address, header).storedBytes
  }

  private static func form(
    _ file: borrowing HDF5File, _ path: String, _ address: UInt64, _ header: HDF5ObjectHeader
  ) throws(FormatError) -> HDF5DatasetForm {
    try reading(path) { () throws(HDF5Error) in
      try file.form(ofDatasetAt: address, isPlain: header.isPlain)
    }
  }
}
#endif
