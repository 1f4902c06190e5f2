import HymbaFormat

/// The storages of a checkpoint since version 1.6. Each is an entry of the zip archive.
struct ArchiveStorages: TensorStorages {
  let archive: ZipArchive
  /// The beginning of the names of the checkpoint's entries, such as `archive/`.
  let root: String
  let isBigEndian: Bool

  /// Reads the byte order of the storages. Files from before version 2.1 do not state it; they are
  /// little-endian.
  /// - Throws: ``PyTorchError/byteOrder(_:)`` for a byte order that is not known, and ``ZipError``.
  init(_ archive: ZipArchive, root: String) throws {
    self.archive = archive
    self.root = root
    guard let entry = archive[root + "byteorder"] else {
      self.isBigEndian = false
      return
    }
    let text = String(decoding: try archive.content(of: entry, limit: 16), as: UTF8.self)
    guard ["little", "big"].contains(text) else { throw PyTorchError.byteOrder(text) }
    self.isBigEndian = text == "big"
  }

  func bytes(ofKey key: String, for tensor: String) throws(PyTorchError) -> StorageBytes {
    guard let entry = entry(key) else {
      throw .missingStorage(tensor: tensor, .entry("\(root)data/\(key)"))
    }
    let bytes = EntryBytes(archive: archive, entry: entry)
    return StorageBytes(
      name: .entry(entry.name), bytes: bytes, inAnyOrder: bytes.inAnyOrder,
      share: entry.storedBytes(of:))
  }

  func storedBytes(ofKey key: String) -> Int { entry(key)?.storedBytes ?? 0 }

  private func entry(_ key: String) -> ZipEntry? {
    let name = "\(root)data/\(key)"
    return name.utf8.count <= Limits.nameBytes && !name.hasTooManyMarks ? archive[name] : nil
  }
}
