import HymbaFormat

/// The storages of one PyTorch file: where the bytes of its tensors lie.
protocol TensorStorages {
  var isBigEndian: Bool { get }

  /// - Throws: ``PyTorchError/missingStorage(tensor:_:)`` in the name of a tensor.
  func bytes(ofKey key: String, for tensor: String) throws(PyTorchError) -> StorageBytes

  /// Bytes that a storage takes in the file; 0 for one that is not there.
  func storedBytes(ofKey key: String) -> Int
}

/// A storage as it lies in a file.
struct StorageBytes {
  let name: StorageName
  let bytes: any ByteSource
  /// The same bytes for reading them criss-cross or in part.
  let inAnyOrder: any ByteSource
  /// The share of the storage's bytes in the file that so many of its bytes have.
  let share: (Int) -> Int
}

/// A storage as a message names it.
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
  /// The place of a tensor, whose storage must have the size that the pickle declares.
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
  /// Bytes of the whole storage that it is; nil when its part reaches beyond it.
  fileprivate func range(elementBytes: Int) -> Range<Int>? {
    guard let part else { return 0..<count * elementBytes }
    guard part.offset >= 0, part.count >= 0, part.offset <= count, part.count <= count - part.offset
    else { return nil }
    return part.offset * elementBytes..<(part.offset + part.count) * elementBytes
  }
}
