import HymbaFormat

/// Bytes that hold tensors: an entry of an archive, or a file.
protocol ByteSource: Sendable {
  var byteCount: Int { get }

  /// Fills `buffer` from byte `offset` on.
  func read(at offset: Int, into buffer: inout MutableRawSpan) throws
}

/// The content of an archive's entry.
struct EntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try archive.read(entry, at: offset, into: &buffer)
  }

  /// The same bytes for reading them criss-cross. A stored entry is read once in order before, as its checksum
  /// cannot be compared otherwise. A compressed one, which would be inflated again and again, is inflated once
  /// and kept, unless it is larger than `limit`.
  func inAnyOrder(keepingUpTo limit: Int = Limits.wholeEntryBytes) -> any ByteSource {
    switch entry.method {
    case .stored: CheckedEntryBytes(archive: archive, entry: entry)
    case .deflated:
      byteCount <= limit ? KeptEntryBytes(archive: archive, entry: entry) : self
    }
  }
}

/// The content of a stored entry, whose checksum is compared before anything of it is given.
private struct CheckedEntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try archive.checkWhole(entry)
    try archive.read(entry, at: offset, into: &buffer)
  }
}

/// The content of a compressed entry, inflated once and kept.
private struct KeptEntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    let content = try archive.keptContent(of: entry)
    let count = buffer.byteCount
    guard offset >= 0, offset <= content.count, count <= content.count - offset else {
      throw ZipError.endsEarly(entry.name, found: content.count, expected: offset &+ count)
    }
    for index in 0..<count {
      buffer.storeBytes(of: content[offset + index], toByteOffset: index, as: UInt8.self)
    }
  }
}

/// A file as it is.
struct FileBytes: ByteSource {
  let file: InputFile

  var byteCount: Int { file.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try file.read(at: offset, into: &buffer)
  }
}
