import HymbaFormat

/// The storages of a file from before version 1.6. They follow the pickles, one after another, each with the
/// number of its elements in front.
///
/// PyTorch writes and reads them as little-endian on every machine, whatever the file says about the machine.
struct LegacyStorages: TensorStorages {
  private let file: InputFile
  private var ranges: NameTable<Range<Int>> = [:]

  var isBigEndian: Bool { false }

  private static let countBytes = 8

  /// Finds the bytes of each of `keys`, from byte `start` to the end of the file. Reads only the numbers of
  /// elements.
  /// - Throws: ``PyTorchError``, `FormatError` when the file cannot be read.
  init(
    _ keys: [String], from start: Int, of file: InputFile, declared storages: [PickleStorage]
  ) throws {
    self.file = file
    let declared = try Self.sizes(storages)
    var position = start
    for key in keys {
      guard let size = declared[key] else { throw PyTorchError.unknownStorage(key) }
      guard position <= file.byteCount - Self.countBytes else {
        throw PyTorchError.storageBeyondFile(
          key, count: size.count, left: file.byteCount - position)
      }
      let count = Int(
        truncatingIfNeeded: try file.bytes(at: position, count: Self.countBytes).reversed()
          .reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      position += Self.countBytes
      guard count == size.count else {
        throw PyTorchError.storageData(key, found: count, declared: size.count)
      }
      let left = file.byteCount - position
      guard count >= 0, count <= left / size.elementBytes else {
        throw PyTorchError.storageBeyondFile(key, count: count, left: left)
      }
      let range = position..<position + count * size.elementBytes
      guard ranges.insert(range, for: key) else { throw PyTorchError.storageTwice(key) }
      position = range.upperBound
    }
    guard position == file.byteCount else {
      throw PyTorchError.trailingBytes(file.byteCount - position)
    }
  }

  func bytes(ofKey key: String, for tensor: String) throws(PyTorchError) -> StorageBytes {
    guard let range = ranges[key] else {
      throw .missingStorage(tensor: tensor, .key(key))
    }
    let bytes = SliceBytes(FileBytes(file: file), range)
    return StorageBytes(
      name: .key(key), bytes: bytes, inAnyOrder: bytes, share: { min($0, range.count) })
  }

  func storedBytes(ofKey key: String) -> Int { ranges[key]?.count ?? 0 }

  private struct Size: Equatable {
    let count: Int
    let elementBytes: Int
  }

  /// The size of each storage. All mentions of a storage in the pickle must agree.
  private static func sizes(_ storages: [PickleStorage]) throws -> NameTable<Size> {
    var sizes: NameTable<Size> = [:]
    for storage in storages {
      guard let elementBytes = (storage.type ?? .known(.uint8)).elementBytes else {
        throw FormatError.unknownElementType(
          tensor: storage.key, type: storage.type?.name ?? "")
      }
      let size = Size(count: storage.count, elementBytes: elementBytes)
      guard sizes[storage.key, default: size] == size else {
        throw PyTorchError.storageTypes(storage.key)
      }
      sizes[storage.key] = size
    }
    return sizes
  }
}
