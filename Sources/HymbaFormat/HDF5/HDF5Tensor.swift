#if HDF5
import HDF5

/// A dataset that is a tensor.
struct HDF5Tensor {
  /// One of the dataset's paths.
  var path: String
  /// The address of the dataset's header. Two paths with the same address are one dataset.
  let address: UInt64
  let type: ElementType
  /// The name of the attribute that gives the type; nil where HDF5's own description does.
  let mark: String?
  let shape: Shape
  /// The bytes of the dense tensor.
  let byteCount: Int
  let storedBytes: Int
  /// The bytes of a decoded chunk; 0 where the dataset is not chunked.
  let chunkBytes: Int
  /// Whether the chunks have filters, and so are decoded in memory.
  let isFiltered: Bool

  var isPlain: Bool { chunkBytes == 0 && !isFiltered }

  /// Checks everything that can be checked without reading the data.
  /// - Throws: ``FormatError``.
  init(
    _ form: HDF5DatasetForm, at path: String, _ address: UInt64, type: ElementType, mark: String?,
    dimensions: [Int], fileBytes: Int
  ) throws(FormatError) {
    let size: (shape: Shape, bytes: Int)
    do throws(FormatError) {
      let shape = try Shape(dimensions)
      size = (shape, try shape.byteCount(of: type))
    } catch .invalidShape(let shape, let why) {
      throw .invalidShape(shape, "of the dataset “\(path.printable)” \(why)")
    }
    self.path = path
    self.address = address
    self.type = type
    self.mark = mark
    self.shape = size.shape
    self.byteCount = size.bytes
    self.storedBytes = form.storedBytes
    self.isFiltered = !form.filters.isEmpty
    self.chunkBytes = try Self.chunkBytes(form, path, type)
    try checkStorage(form, fileBytes: fileBytes)
  }

  private static func chunkBytes(
    _ form: HDF5DatasetForm, _ path: String, _ type: ElementType
  ) throws(FormatError) -> Int {
    guard case .chunked(let chunk, _) = form.layout else { return 0 }
    if let filter = form.unsupportedFilter {
      throw .hdf5(.filterUnsupported(path: path, filter: filter))
    }
    if let missing = form.filters.first(where: { !$0.isAvailable }) {
      throw .hdf5(.filterMissing(path: path, filter: missing.name))
    }
    let bytes = try Shape(chunk).byteCount(of: type)
    guard form.filters.isEmpty || bytes <= Limits.hdf5ChunkBytes else {
      throw .hdf5(.chunkTooLarge(path: path, bytes: bytes))
    }
    return bytes
  }

  /// Refuses a dataset that was not written completely, as its missing data would read as zeros, and one that
  /// claims more data than the file can hold.
  private func checkStorage(_ form: HDF5DatasetForm, fileBytes: Int) throws(FormatError) {
    let stored = form.storedBytes
    guard stored <= fileBytes else {
      throw .hdf5(.beyondFile(path: path, stored: stored, fileBytes: fileBytes))
    }
    guard byteCount > 0 else { return }
    switch form.layout {
    case .chunked(let chunk, let stored):
      // This does not overflow: there are no more chunks than elements.
      let expected = zip(shape.dimensions, chunk).reduce(1) { count, lengths in
        count * ((lengths.0 - 1) / max(1, lengths.1) + 1)
      }
      guard stored >= expected else {
        throw .hdf5(
          .neverWritten(path: path, stored: stored, expected: expected, unit: "chunks"))
      }
    case .compact, .contiguous, .virtual:
      guard stored >= byteCount else {
        throw .hdf5(
          .neverWritten(path: path, stored: stored, expected: byteCount, unit: "bytes"))
      }
    }
    guard byteCount / Limits.hdf5Ratio <= stored, isFiltered || byteCount <= stored else {
      throw .hdf5(.implausible(path: path, declared: byteCount, stored: stored))
    }
  }
}
#endif
