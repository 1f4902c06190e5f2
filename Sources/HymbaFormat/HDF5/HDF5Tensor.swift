import HDF5

/// A dataset that is a tensor.
struct HDF5Tensor {
  let path: String
  let descriptor: TensorDescriptor
  let storedBytes: Int
  /// Bytes of a decoded chunk; 0 where nothing is decoded.
  let chunkBytes: Int

  /// Opens the dataset at `path` and checks everything that can be checked without reading its data.
  ///
  /// - Returns: nil for one text at the root, such as a configuration: it is about the model, not of it.
  /// - Throws: ``FormatError``.
  init?(
    _ file: borrowing HDF5File, at path: String, named name: String, _ texts: HDF5Texts
  ) throws(FormatError) {
    let header = try texts.header(of: path, in: file)
    // The library must not open those: it trusts the lists of their parts.
    guard !header.isVirtual else { throw .hdf5(.virtual(path: path)) }
    guard !header.isExternal else { throw .hdf5(.externalStorage(path: path)) }
    let dataset = try reading(path) { () throws(HDF5Error) in
      try HDF5Dataset(file, at: path, cacheBytes: nil)
    }
    let form = dataset.form
    let isAtRoot = path.utf8.count { $0 == UInt8(ascii: "/") } == 1
    if form.type == .text, form.dimensions == [], isAtRoot { return nil }

    let mark =
      form.type.isMarkable
      ? try texts.all(of: header, at: path, skipsElsewhere: false).lazy.compactMap {
        ElementType(hdf5Mark: $0.text)
      }.first : nil
    guard let type = ElementType(form.type, mark: mark) else {
      throw .hdf5(.notATensor(path: path, holds: form.type.words))
    }
    guard form.layout != .virtual else { throw .hdf5(.virtual(path: path)) }
    guard let dimensions = form.dimensions else { throw .hdf5(.noExtent(path: path)) }
    let descriptor = try TensorDescriptor(name: name, type: type, dimensions: dimensions)
    self.path = path
    self.descriptor = descriptor
    self.storedBytes = form.storedBytes
    self.chunkBytes = try Self.chunkBytes(form, path, type)
    try Self.checkStorage(form, path, descriptor, fileBytes: texts.fileBytes)
  }

  private static func chunkBytes(
    _ form: HDF5DatasetForm, _ path: String, _ type: ElementType
  ) throws(FormatError) -> Int {
    guard case .chunked(let chunk, _) = form.layout, !form.filters.isEmpty else { return 0 }
    if let missing = form.filters.first(where: { !$0.isAvailable }) {
      throw .hdf5(.filterMissing(path: path, filter: missing.name))
    }
    let bytes = try Shape(chunk).byteCount(of: type)
    guard bytes <= Limits.hdf5ChunkBytes else {
      throw .hdf5(.chunkTooLarge(path: path, bytes: bytes))
    }
    return bytes
  }

  /// Data that was never written would read as zeros: refused, as is more data than the file can hold.
  private static func checkStorage(
    _ form: HDF5DatasetForm, _ path: String, _ tensor: TensorDescriptor, fileBytes: Int
  ) throws(FormatError) {
    guard form.storedBytes <= fileBytes else {
      throw .hdf5(.beyondFile(path: path, stored: form.storedBytes, fileBytes: fileBytes))
    }
    guard tensor.byteCount > 0 else { return }
    switch form.layout {
    case .chunked(let chunk, let stored):
      // No more chunks than elements, whose number is known to fit.
      let expected = zip(tensor.shape.dimensions, chunk).reduce(1) { count, lengths in
        count * ((lengths.0 - 1) / max(1, lengths.1) + 1)
      }
      guard stored >= expected else {
        throw .hdf5(
          .neverWritten(path: path, stored: stored, expected: expected, unit: "chunks"))
      }
    case .compact, .contiguous, .virtual:
      guard form.storedBytes >= tensor.byteCount else {
        throw .hdf5(
          .neverWritten(
            path: path, stored: form.storedBytes, expected: tensor.byteCount, unit: "bytes"))
      }
    }
    let stored = form.storedBytes
    guard tensor.byteCount / Limits.hdf5Ratio <= stored,
      !form.filters.isEmpty || tensor.byteCount <= stored
    else {
      throw .hdf5(.implausible(path: path, declared: tensor.byteCount, stored: stored))
    }
  }
}
