public import HymbaFormat

/// Arrays that NumPy saved: an `.npz` archive, compressed or not, or a single `.npy` file.
///
/// An array of an archive is named after its entry, with `.` instead of `/`; a single array after its file.
/// Column-major ("Fortran order") and big-endian arrays are converted while they are read, one window at a
/// time. A column-major array of an archive is first read once from beginning to end, to compare its checksum;
/// if it is compressed, this pass copies it to a temporary file.
public struct NumPySource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let files: [SourceFile]
  public let leftAside: [LeftAside]
  private let arrays: Arrays

  /// Whether a file that begins with `prefix` is a single `.npy` array.
  package static func isArray(prefix: [UInt8]) -> Bool { prefix.starts(with: NpyHeader.magic) }

  /// Opens the single array at `path`. Reads its header, but no data.
  /// - Throws: ``NumPyError``, `FormatError`.
  public init(array path: String) throws {
    let file = try InputFile(path)
    let fileName = FileSystem.name(of: path)
    let name = fileName.hasSuffix(Self.suffix) ? String(fileName.dropLast(4)) : fileName
    var arrays = Arrays()
    let bytes = FileBytes(file: file)
    try arrays.add(name, in: bytes, inAnyOrder: bytes) { $0 }
    try self.init(arrays, at: path, SourceFile(name: fileName, bytes: file.byteCount))
  }

  /// Opens the arrays of an archive. Texts, objects, folders and other files beside the arrays are left aside.
  ///
  /// Reads the headers, but no tensor data. Only arrays that are left aside are read whole, to compare their
  /// checksums.
  /// - Throws: ``NumPyError``, ``ZipError``, `FormatError`.
  init(_ archive: ZipArchive, at path: String) throws {
    var arrays = Arrays()
    var others: [ZipEntry] = []
    var reason: NumPyError?
    for entry in archive.entries {
      guard entry.name.hasSuffix(Self.suffix) else {
        others.append(entry)
        continue
      }
      let bytes = EntryBytes(archive: archive, entry: entry)
      do {
        try arrays.add(
          entry.name.dropLast(Self.suffix.count).dotted, in: bytes, inAnyOrder: bytes.inAnyOrder,
          share: entry.storedBytes(of:))
      } catch let error as NumPyError where error.isForeign {
        // The array may look foreign only because its entry is damaged.
        try archive.checkWhole(entry)
        reason = reason ?? error
        others.append(entry)
      }
    }
    if arrays.descriptors.isEmpty, let other = others.first {
      throw reason ?? NumPyError.foreignEntry(other.name)
    }
    try self.init(arrays, at: path, archive.file, others)
  }

  private init(
    _ arrays: Arrays, at path: String, _ file: SourceFile, _ others: [ZipEntry] = []
  ) throws {
    self.location = path
    self.tensors = try TensorTable(arrays.descriptors)
    self.files = [file]
    self.arrays = arrays
    self.leftAside =
      others.isEmpty
      ? []
      : [
        LeftAside(
          .notTensors, names: others.map(\.name), bytes: others.reduce(0) { $0 + $1.storedBytes })
      ]
  }

  /// A note that tells which arrays have a type that NumPy does not name.
  public var notes: [String] {
    tensors.contains { $0.type == .bfloat16 }
      ? ["its arrays of the type “V2” are taken as BF16, for which NumPy has no name"] : []
  }

  static let suffix = ".npy"

  public func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { arrays.storedBytes[$0] } ?? tensor.byteCount
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try arrays.views[position].read(from: offset, into: &buffer)
  }
}

/// The arrays found so far.
private struct Arrays {
  var descriptors: [TensorDescriptor] = []
  var views: [TensorView] = []
  /// Bytes of each array's data as it lies in the file.
  var storedBytes: [Int] = []

  /// Reads the header of an array, and adds the array.
  /// - Parameters:
  ///   - bytes: The whole file or entry, from the header on.
  ///   - inAnyOrder: The same bytes, for reads out of order.
  ///   - share: Bytes of the file that hold a number of bytes of the content, see
  ///     ``ZipEntry/storedBytes(of:)``.
  /// - Throws: ``NumPyError``, `FormatError`, and the errors of `bytes`.
  mutating func add(
    _ name: String, in bytes: any ByteSource, inAnyOrder: any ByteSource, share: (Int) -> Int
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
    storedBytes.append(share(descriptor.byteCount))
  }
}
