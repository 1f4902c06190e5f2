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

  /// The same bytes for reading them criss-cross. Where that would inflate the entry again and again, it is
  /// inflated once and kept, unless it is too large.
  var inAnyOrder: any ByteSource {
    entry.method == .deflated && byteCount <= Limits.wholeEntryBytes
      ? KeptEntryBytes(archive: archive, entry: entry) : self
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
