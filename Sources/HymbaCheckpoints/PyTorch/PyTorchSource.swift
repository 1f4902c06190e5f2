import HymbaFormat

/// A checkpoint that `torch.save` wrote since version 1.6: a zip archive with a pickle, which says what there
/// is, and an entry for each storage.
///
/// The pickle is read by a machine that knows what a state dict needs and refuses everything else by name;
/// nothing is executed. Tensors that share a storage, such as tied weights, read the same bytes. Windows of
/// a tensor that is stored in another order (a transposed view) are put together from wherever they lie.
struct PyTorchSource: CheckpointSource {
  let location: String
  let tensors: TensorTable
  let notes: [String]
  let leftAside: [LeftAside]
  let files: [SourceFile]
  private let storages: [StorageView]

  /// What the entries of a checkpoint begin with, `archive/`, and its pickle; nil when there is none.
  /// - Throws: ``PyTorchError/severalPickles(_:)``.
  static func root(
    of archive: ZipArchive
  ) throws(PyTorchError) -> (root: String, pickle: ZipEntry)? {
    let pickles = archive.entries.filter {
      $0.name == pickleName || $0.name.hasSuffix("/" + pickleName)
    }
    guard pickles.count <= 1 else { throw .severalPickles(pickles.count) }
    return pickles.first.map { (String($0.name.dropLast(pickleName.count)), $0) }
  }

  private static let pickleName = "data.pkl"

  /// Checks the checkpoint that `pickle` describes; no tensor data is read.
  /// - Throws: ``PyTorchError``, ``ZipError``, `FormatError`.
  init(_ archive: ZipArchive, at path: String, root: String, pickle: ZipEntry) throws {
    guard archive[root + "constants.pkl"] == nil else { throw PyTorchError.torchScript }
    let isBigEndian = try Self.isBigEndian(archive, root)
    var machine = PickleMachine(try archive.content(of: pickle, limit: Limits.pickleBytes))
    let value = try machine.run()
    try machine.finish()
    let weights = try StateDict(value, machine.objects)

    let entries = StorageEntries(archive: archive, root: root, isBigEndian: isBigEndian)
    var descriptors: [TensorDescriptor] = []
    var storages: [StorageView] = []
    for (name, tensor) in weights.tensors {
      let descriptor = try TensorDescriptor(
        name: name, type: tensor.type, dimensions: tensor.dimensions)
      descriptors.append(descriptor)
      storages.append(try entries.view(of: descriptor, tensor))
    }
    let tensors = try TensorTable(descriptors)
    guard !Limits.isBomb(claimed: tensors.totalBytes, fileBytes: archive.file.bytes) else {
      throw ZipError.bomb(claimed: tensors.totalBytes, fileBytes: archive.file.bytes)
    }
    self.location = path
    self.tensors = tensors
    self.notes = weights.notes
    self.leftAside = weights.leftAside
    self.files = [archive.file]
    self.storages = storages
  }

  /// The tensor's share of its storage as it lies in the file. Tensors of one storage, such as tied weights,
  /// have the same bytes.
  func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { storages[$0].storedBytes } ?? tensor.byteCount
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try storages[position].view.read(from: offset, into: &buffer)
  }

  /// Files of before version 2.1 do not say it, and are little-endian.
  private static func isBigEndian(_ archive: ZipArchive, _ root: String) throws -> Bool {
    guard let entry = archive[root + "byteorder"] else { return false }
    let text = String(decoding: try archive.content(of: entry, limit: 16), as: UTF8.self)
    guard ["little", "big"].contains(text) else { throw PyTorchError.byteOrder(text) }
    return text == "big"
  }
}

/// A tensor as a view of its storage.
private struct StorageView {
  let view: TensorView
  let storedBytes: Int
}

/// The entries that hold the storages of one checkpoint.
private struct StorageEntries {
  let archive: ZipArchive
  let root: String
  let isBigEndian: Bool

  func view(of descriptor: TensorDescriptor, _ tensor: PickleTensor) throws -> StorageView {
    let name = descriptor.name
    guard !tensor.isLazy else { throw PyTorchError.lazyView(tensor: name) }
    let entryName = "\(root)data/\(tensor.storage.key)"
    guard entryName.utf8.count <= Limits.nameBytes, !entryName.hasTooManyMarks,
      let entry = archive[entryName]
    else { throw PyTorchError.missingStorage(tensor: name, entry: entryName) }
    let storageType = tensor.storage.type ?? .uint8
    let (bytes, overflow) = tensor.storage.count.multipliedReportingOverflow(
      by: storageType.byteSize)
    guard !overflow, bytes == entry.byteCount else {
      throw PyTorchError.storageSize(
        tensor: name, entry: entryName, found: entry.byteCount, declared: tensor.storage.count,
        type: storageType.rawValue)
    }
    let source = EntryBytes(archive: archive, entry: entry)
    let (start, startOverflow) = tensor.offset.multipliedReportingOverflow(
      by: descriptor.type.byteSize)
    guard !startOverflow,
      let view = TensorView(
        descriptor, in: source, start: start, strides: tensor.strides, isSwapped: isBigEndian)
    else {
      throw PyTorchError.outsideStorage(
        tensor: name, shape: descriptor.shape.description, strides: tensor.strides,
        offset: tensor.offset, entry: entryName)
    }
    return StorageView(
      view: view.readingInAnyOrder(source.inAnyOrder),
      storedBytes: entry.storedBytes(of: descriptor.byteCount))
  }
}
