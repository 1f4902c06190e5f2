import HDF5

/// An HDF5 file whose datasets are tensors: a tree of parameters as h5py, PyTorch or Axon scripts dump it, the
/// weights of a Keras 2 model, or a Keras 3 `.weights.h5`.
///
/// A dataset is named by its path with dots: `/layers/dense/vars/0` is `layers.dense.vars.0`; dots within a
/// name stay. Files of Keras 2 name theirs by ``KerasNames``. Several links to one dataset are several tensors
/// with the same bytes. Nothing outside of the file is read.
public struct HDF5Source: CheckpointSource {
  public let location: String
  /// In the order of their headers in the file.
  public let tensors: TensorTable
  /// Those attributes of the root that are one text, without the configurations that Keras keeps there.
  public let metadata: NameTable<String>
  public let files: [SourceFile]
  private let reader: HDF5Reader
  private let entries: [HDF5Tensor]

  /// Whether the file at `path` has an HDF5 signature, at its beginning or behind a block of another program.
  public static func isHDF5(_ file: InputFile) throws(FormatError) -> Bool {
    try HDF5Superblock.position(in: file) != nil
  }

  /// Opens the file at `path` and looks at every dataset; no tensor data is read.
  /// - Throws: ``FormatError``, mostly ``FormatError/hdf5(_:)``.
  public init(_ path: String) throws(FormatError) {
    let input = try InputFile(path)
    let superblock = try HDF5Superblock(reading: input)
    let texts = HDF5Texts(superblock.fields)
    // Before the library opens the file: it reads the root's header then.
    let root = try HDF5ObjectHeader(at: superblock.rootAddress, superblock.fields)
    try root.check()
    let file = try reading("/") { () throws(HDF5Error) in try HDF5File(path) }
    let tree = try HDF5Tree(walking: file, superblock)
    var entries: [HDF5Tensor] = []
    var paths: NameTable<String> = [:]
    for (path, name) in try KerasNames(file, tree, texts)?.names
      ?? tree.datasets.map(Self.plainName)
    {
      guard
        let entry = try HDF5Tensor(file, at: path, named: name, texts)
      else { continue }
      if let other = paths[name] { throw .hdf5(.sameName(name, other, path)) }
      paths[name] = path
      entries.append(entry)
    }
    guard !entries.isEmpty else { throw .hdf5(.noTensors) }
    let rootTexts = try texts.all(of: root, at: "/", skipsElsewhere: true)
    let configurations: Set = ["model_config", "training_config"]
    self.location = path
    self.tensors = try TensorTable(entries.map(\.descriptor))
    self.metadata = NameTable(
      rootTexts.filter { !configurations.contains($0.name) }.map { (key: $0.name, value: $0.text) })
    self.files = [SourceFile(name: FileSystem.name(of: path), bytes: input.byteCount)]
    self.reader = HDF5Reader(file)
    self.entries = entries
  }

  private static func plainName(_ path: String) -> (path: String, name: String) {
    (path, String(path.dropFirst().map { $0 == "/" ? "." : $0 }))
  }

  public func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { entries[$0].storedBytes } ?? tensor.byteCount
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    let entry = entries[position]
    guard buffer.byteCount > 0 else { return }
    let width = entry.descriptor.type.byteSize
    if offset.isMultiple(of: width), buffer.byteCount.isMultiple(of: width) {
      return try reader.read(entry, from: offset / width, into: &buffer)
    }
    // Only whole elements can be read; the bytes that are wanted lie within these.
    let first = offset / width
    let end = (offset + buffer.byteCount - 1) / width + 1
    let elements = try [UInt8](count: (end - first) * width) {
      try reader.read(entry, from: first, into: &$0)
    }
    for index in 0..<buffer.byteCount {
      buffer.storeBytes(
        of: elements[offset - first * width + index], toByteOffset: index, as: UInt8.self)
    }
  }
}
