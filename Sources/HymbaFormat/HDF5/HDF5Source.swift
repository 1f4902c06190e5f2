#if HDF5
import HDF5

/// An HDF5 file whose datasets are tensors: a tree of parameters that a script wrote with h5py, PyTorch or
/// Axon, the weights of a Keras 2 model, or a Keras 3 `.weights.h5`.
///
/// A tensor's name is the dataset's path with dots: `/layers/dense/vars/0` becomes `layers.dense.vars.0`. Dots
/// within a name stay. For a file of Keras 2, `KerasNames` gives the names. Several links to one dataset are
/// several tensors with the same bytes. Nothing outside of the file is read.
public struct HDF5Source: CheckpointSource {
  public let location: String
  /// The tensors, in the order of their headers in the file; in a file of Keras 2, in the order of its lists.
  public let tensors: TensorTable
  /// The attributes of the root that are one text, without the configurations that Keras keeps there.
  public let metadata: NameTable<String>
  public let leftAside: [LeftAside]
  public let files: [SourceFile]
  private let reader: HDF5Reader
  /// The dataset of each tensor, in the order of ``tensors``.
  let entries: [HDF5Tensor]

  /// Opens the file at `path` and looks at every dataset; no tensor data is read.
  /// - Throws: ``FormatError``, mostly ``FormatError/hdf5(_:)``.
  /// - Complexity: Reads the header of each object in the file, and the index of each chunked dataset.
  public init(_ path: String) throws(FormatError) { try self.init(path, isShard: false) }

  /// - Parameter isShard: Whether the file is one of several. It may then have no tensor.
  init(_ path: String, isShard: Bool) throws(FormatError) {
    let input = try InputFile(path)
    let superblock = try HDF5Superblock(reading: input)
    let texts = HDF5Texts(superblock.fields)
    // The root's header is checked first, because the library reads it when it opens the file.
    let root = try texts.header(at: superblock.rootAddress)
    try root.check()
    let file = try HymbaFormat.reading("/") { () throws(HDF5Error) in try HDF5File(path) }
    let tree = try HDF5Tree(walking: file, superblock)
    let contents = try HDF5Contents(file, tree, texts)
    try Self.requireTensors(contents, tree, isShard: isShard, fileBytes: input.byteCount)
    let keras = try KerasNames(tree.groups, contents, texts)
    let (entries, descriptors) = try Self.named(
      contents.tensors, keras?.names ?? contents.tensors.map {
        // The slash is dropped as a byte: it makes one character with a combining mark that begins a name.
        ($0.path, String(decoding: $0.path.utf8.dropFirst(), as: UTF8.self).dotted)
      })
    let metadata = try HDF5Metadata(
      root, texts, usesLayerNames: keras?.areAtRoot ?? false,
      inner: tree.attributes.unread(contents, usesLayerNames: keras != nil))
    self.location = path
    self.tensors = try TensorTable(descriptors)
    self.metadata = metadata.entries
    self.leftAside = contents.leftAside + tree.unfollowed.leftAside + metadata.leftAside
    self.files = [SourceFile(name: FileSystem.name(of: path), bytes: input.byteCount)]
    self.reader = HDF5Reader(file)
    self.entries = entries
  }

  /// Makes sure that there are tensors, and that they claim no more bytes than the file can plausibly hold.
  private static func requireTensors(
    _ contents: HDF5Contents, _ tree: HDF5Tree, isShard: Bool, fileBytes: Int
  ) throws(FormatError) {
    guard isShard || !contents.tensors.isEmpty else {
      if let state = contents.trainingState.first { throw .hdf5(.onlyTrainingState(state)) }
      throw .hdf5(contents.firstReason ?? tree.unfollowed.firstReason ?? .noTensors)
    }
    var addresses: Set<UInt64> = []
    var (total, distinct) = (0, 0)
    for tensor in contents.tensors {
      total += min(tensor.byteCount, Limits.totalBytes - total)
      if addresses.insert(tensor.address).inserted {
        distinct += min(tensor.byteCount, Limits.totalBytes - distinct)
      }
    }
    guard !Limits.isBomb(claimed: total, fileBytes: fileBytes) else {
      throw .hdf5(.bomb(claimed: total, fileBytes: fileBytes))
    }
    guard total <= Limits.unsuspiciousBytes || total / Limits.hdf5SharedRatio <= distinct else {
      throw .hdf5(
        .sharedTooOften(names: contents.tensors.count, bytes: total, distinct: distinct))
    }
  }

  /// The tensors of `names`, in the order of `names`.
  private static func named(
    _ tensors: [HDF5Tensor], _ names: [(path: String, name: String)]
  ) throws(FormatError) -> ([HDF5Tensor], [TensorDescriptor]) {
    let byPath = NameTable(tensors.map { (key: $0.path, value: $0) })
    var paths: NameTable<String> = [:]
    var entries: [HDF5Tensor] = []
    var descriptors: [TensorDescriptor] = []
    for (path, name) in names {
      guard let tensor = byPath[path] else { continue }
      if let other = paths[name] { throw .hdf5(.sameName(name, other, path)) }
      paths[name] = path
      entries.append(tensor)
      descriptors.append(try TensorDescriptor(name: name, type: tensor.type, shape: tensor.shape))
    }
    return (entries, descriptors)
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
    let width = entry.type.byteSize
    if offset.isMultiple(of: width), buffer.byteCount.isMultiple(of: width) {
      return try reader.read(entry, from: offset / width, into: &buffer)
    }
    // Only whole elements can be read. The wanted bytes lie within the elements from `first` to `end`.
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
#endif
