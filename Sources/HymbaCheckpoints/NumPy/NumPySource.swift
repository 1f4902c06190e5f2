public import HymbaFormat

/// Arrays that NumPy saved: an `.npz` archive, compressed or not, or a lone `.npy` file.
///
/// An array is named as it was saved, with `/` as `.`; a lone one as its file. Column-major ("Fortran
/// order") and big-endian arrays are turned around as they are read, a window at a time. A compressed
/// column-major array is inflated whole for that (up to ``Limits/wholeEntryBytes``, one at a time).
public struct NumPySource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let files: [SourceFile]
  private let views: [TensorView]

  /// Whether a file that begins with `prefix` is a lone array.
  public static func isArray(prefix: [UInt8]) -> Bool { prefix.starts(with: NpyHeader.magic) }

  /// Opens the archive at `path`; no array's data is read.
  /// - Throws: ``NumPyError``, ``ZipError``, `FormatError`.
  public init(archive path: String) throws { try self.init(ZipArchive(path), at: path) }

  /// Opens the array at `path`.
  public init(array path: String) throws {
    let file = try InputFile(path)
    let fileName = FileSystem.name(of: path)
    let name = fileName.hasSuffix(Self.suffix) ? String(fileName.dropLast(4)) : fileName
    var arrays = Arrays()
    let bytes = FileBytes(file: file)
    try arrays.add(name, in: bytes, inAnyOrder: bytes)
    try self.init(arrays, at: path, SourceFile(name: fileName, bytes: file.byteCount))
  }

  init(_ archive: ZipArchive, at path: String) throws {
    var arrays = Arrays()
    for entry in archive.entries {
      guard entry.name.hasSuffix(Self.suffix) else { throw NumPyError.foreignEntry(entry.name) }
      let bytes = EntryBytes(archive: archive, entry: entry)
      try arrays.add(
        String(entry.name.dropLast(Self.suffix.count).map { $0 == "/" ? "." : $0 }), in: bytes,
        inAnyOrder: bytes.inAnyOrder)
    }
    try self.init(arrays, at: path, archive.file)
  }

  private init(_ arrays: Arrays, at path: String, _ file: SourceFile) throws {
    self.location = path
    self.tensors = try TensorTable(arrays.descriptors)
    self.files = [file]
    self.views = arrays.views
  }

  static let suffix = ".npy"

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let position = tensors.position(of: tensor.name) else {
      throw FormatError.noSuchTensor(tensor.name)
    }
    try tensors[position].requireRange(offset, buffer.byteCount)
    try views[position].read(from: offset, into: &buffer)
  }
}

/// Arrays as they are found.
private struct Arrays {
  var descriptors: [TensorDescriptor] = []
  var views: [TensorView] = []

  mutating func add(
    _ name: String, in bytes: any ByteSource, inAnyOrder: any ByteSource
  ) throws {
    let header = try NpyHeader(reading: bytes, of: name)
    let descriptor = try TensorDescriptor(
      name: name, type: header.type, dimensions: header.dimensions)
    let shape = descriptor.shape
    let available = bytes.byteCount - header.byteCount
    let strides =
      header.isColumnMajor
      ? TensorView.columnMajorStrides(shape) : TensorView.rowMajorStrides(shape)
    guard descriptor.byteCount == available,
      let view = TensorView(
        descriptor, in: bytes, start: header.byteCount, strides: strides,
        isSwapped: header.isBigEndian)
    else {
      throw NumPyError.dataSize(
        name, type: header.type.rawValue, shape: shape.description,
        expected: descriptor.byteCount, found: available)
    }
    descriptors.append(descriptor)
    views.append(view.readingInAnyOrder(inAnyOrder))
  }
}
