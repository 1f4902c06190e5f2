import HymbaFormat

/// The storages of a checkpoint since version 1.6: each is an entry of the archive.
struct ArchiveStorages: TensorStorages {
  let archive: ZipArchive
  /// What the entries of the checkpoint begin with.
  let root: String
  let isBigEndian: Bool

  /// - Throws: ``PyTorchError/byteOrder(_:)``. Files of before version 2.1 do not say it, and are little-endian.
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
