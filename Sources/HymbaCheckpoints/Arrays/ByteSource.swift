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

  /// The same bytes for reading them criss-cross or in part: the entry is read once in order before, as its
  /// checksum cannot be compared otherwise. A compressed one, which would be inflated again and again, is copied
  /// to a temporary file.
  var inAnyOrder: any ByteSource { CheckedEntryBytes(archive: archive, entry: entry) }
}

/// The content of an entry whose checksum is compared before anything of it is given.
private struct CheckedEntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try archive.checkWhole(entry)
    try archive.read(entry, at: offset, into: &buffer)
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

/// A part of other bytes.
struct SliceBytes: ByteSource {
  private let bytes: any ByteSource
  private let start: Int
  let byteCount: Int

  /// - Precondition: `range` lies within `bytes`.
  init(_ bytes: any ByteSource, _ range: Range<Int>) {
    self.bytes = bytes
    self.start = range.lowerBound
    self.byteCount = range.count
  }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try bytes.read(at: start + offset, into: &buffer)
  }
}
