import HymbaFormat

/// A checkpoint that `torch.save` wrote: a pickle, which says what there is, and storages. Since version 1.6,
/// the storages are entries of a zip archive. Before, they follow the pickles in one file.
///
/// ``PickleMachine`` reads the pickle and knows only what a state dict needs. Everything else is left aside by
/// name, and nothing is executed. Tensors that share a storage, such as tied weights, read the same bytes. A
/// tensor that is stored in another order (a transposed view) is put together window by window, from wherever
/// its elements lie.
struct PyTorchSource: CheckpointSource {
  let location: String
  let tensors: TensorTable
  let notes: [String]
  let leftAside: [LeftAside]
  let files: [SourceFile]
  private let views: [StorageView]

  /// Finds the checkpoint in an archive; nil when there is none.
  /// - Returns: The beginning of the names of its entries, such as `archive/`, and the entry of its pickle.
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

  /// Opens the checkpoint that `pickle` describes. Reads the pickle, but no tensor data.
  /// - Throws: ``PyTorchError``, ``ZipError``, `FormatError`.
  init(_ archive: ZipArchive, at path: String, root: String, pickle: ZipEntry) throws {
    guard archive[root + "constants.pkl"] == nil else { throw PyTorchError.torchScript }
    let storages = try ArchiveStorages(archive, root: root)
    var machine = PickleMachine(try archive.content(of: pickle, limit: Limits.pickleBytes))
    let value = try machine.run()
    try machine.finish()
    try self.init(value, machine.objects, storages, at: path, archive.file)
  }

  /// Opens the checkpoint whose pickle makes `root`.
  /// - Throws: ``PyTorchError``, ``ZipError``, `FormatError`.
  init(
    _ root: PickleValue, _ objects: PickleObjects, _ storages: some TensorStorages,
    at path: String, _ file: SourceFile
  ) throws {
    let weights = try StateDict(root, objects)
    var descriptors: [TensorDescriptor] = []
    var views = SharedStorages()
    for (name, tensor) in weights.tensors {
      guard case .known(let type) = tensor.type else {
        throw FormatError.unknownElementType(tensor: name, type: tensor.type.name)
      }
      let descriptor = try TensorDescriptor(name: name, type: type, dimensions: tensor.dimensions)
      descriptors.append(descriptor)
      views.add(try storages.view(of: descriptor, tensor), key: tensor.storage.key)
    }
    let tensors = try TensorTable(descriptors)
    guard !Limits.isBomb(claimed: tensors.totalBytes, fileBytes: file.bytes) else {
      throw ZipError.bomb(claimed: tensors.totalBytes, fileBytes: file.bytes)
    }
    self.location = path
    self.tensors = tensors
    self.notes = weights.notes
    var counted = Set(weights.tensors.map { NameKey($0.tensor.storage.key) })
    self.leftAside = weights.asides.map { aside in
      let bytes = aside.storages.reduce(0) { sum, storage in
        counted.insert(NameKey(storage.key)).inserted
          ? sum + storages.storedBytes(ofKey: storage.key) : sum
      }
      return LeftAside(aside.kind, names: aside.names, bytes: bytes)
    }
    self.files = [file]
    self.views = views.checked
  }

  /// The tensor's share of the bytes that its storage takes in the file. Tensors of one storage, such as tied
  /// weights, count the same bytes.
  func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { views[$0].storedBytes } ?? tensor.byteCount
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try views[position].view.read(from: offset, into: &buffer)
  }
}
