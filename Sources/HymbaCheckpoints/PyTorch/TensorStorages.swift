import HymbaFormat

/// The storages of one PyTorch file: where the bytes of its tensors lie.
protocol TensorStorages {
  var isBigEndian: Bool { get }

  /// The bytes of the storage with that key.
  /// - Parameter tensor: Name of a tensor in the storage, for messages.
  /// - Throws: ``PyTorchError/missingStorage(tensor:_:)``.
  func bytes(ofKey key: String, for tensor: String) throws(PyTorchError) -> StorageBytes

  /// Bytes that a storage takes in the file; 0 when it is missing.
  func storedBytes(ofKey key: String) -> Int
}

/// A storage as it lies in a file.
struct StorageBytes {
  let name: StorageName
  let bytes: any ByteSource
  /// The same bytes, for reads that jump around or cover only a part of them.
  let inAnyOrder: any ByteSource
  /// Bytes of the file that hold a number of bytes of the storage.
  let share: (Int) -> Int
}

/// The name of a storage for messages: the entry of an archive, or the key in a file from before version 1.6.
public enum StorageName: Equatable, Sendable, CustomStringConvertible {
  case entry(String)
  case key(String)

  var name: String {
    switch self {
    case .entry(let name), .key(let name): name
    }
  }

  public var description: String {
    switch self {
    case .entry: "entry “\(name.printable)”"
    case .key: "storage “\(name.printable)”"
    }
  }
}

/// A tensor as a view of its storage.
struct StorageView {
  var view: TensorView
  let inAnyOrder: any ByteSource
  let storedBytes: Int
}

extension TensorStorages {
  /// The place of a tensor in its storage. The storage must have the size that the pickle declares.
  /// - Throws: ``PyTorchError``, and `FormatError` for an element type that is not known.
  func view(of descriptor: TensorDescriptor, _ tensor: PickleTensor) throws -> StorageView {
    let name = descriptor.name
    guard !tensor.isLazy else { throw PyTorchError.lazyView(tensor: name) }
    let storage = try bytes(ofKey: tensor.storage.key, for: name)
    let type = tensor.storage.type ?? .known(.uint8)
    guard case .known(let element) = type else {
      throw FormatError.unknownElementType(tensor: name, type: type.name)
    }
    let (bytes, overflow) = tensor.storage.count.multipliedReportingOverflow(by: element.byteSize)
    guard !overflow, bytes == storage.bytes.byteCount else {
      throw PyTorchError.storageSize(
        tensor: name, storage.name, found: storage.bytes.byteCount,
        declared: tensor.storage.count, type: type.name)
    }
    let (start, startOverflow) = tensor.offset.multipliedReportingOverflow(
      by: descriptor.type.byteSize)
    guard !startOverflow,
      let range = tensor.storage.range(elementBytes: element.byteSize),
      let view = TensorView(
        descriptor, in: SliceBytes(storage.bytes, range), start: start, strides: tensor.strides,
        isSwapped: isBigEndian)
    else {
      throw PyTorchError.outsideStorage(
        tensor: name, shape: descriptor.shape.description, strides: tensor.strides,
        offset: tensor.offset, storage: storage.name)
    }
    let inAnyOrder = SliceBytes(storage.inAnyOrder, range)
    return StorageView(
      view: view.readingInAnyOrder(inAnyOrder), inAnyOrder: inAnyOrder,
      storedBytes: storage.share(descriptor.byteCount))
  }
}

extension PickleStorage {
  /// The bytes of the whole storage that this one covers; nil when its part reaches beyond the whole.
  fileprivate func range(elementBytes: Int) -> Range<Int>? {
    guard let part else { return 0..<count * elementBytes }
    guard part.offset >= 0, part.count >= 0, part.offset <= count, part.count <= count - part.offset
    else { return nil }
    return part.offset * elementBytes..<(part.offset + part.count) * elementBytes
  }
}
