import HymbaFormat

/// A source of the bytes that hold tensors: an entry of an archive, a section, or a file.
protocol ByteSource: Sendable {
  var byteCount: Int { get }

  /// Fills `buffer` with the bytes from byte `offset` on.
  /// - Throws: ``ZipError``, ``EdificeError`` or `FormatError`, depending on where the bytes are.
  func read(at offset: Int, into buffer: inout MutableRawSpan) throws
}

extension ByteSource {
  /// The bytes of a range.
  /// - Precondition: The range lies within the source, and was compared with a limit.
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](count: count) { try read(at: offset, into: &$0) }
  }
}

/// Bytes in memory.
struct HeldBytes: ByteSource {
  let bytes: [UInt8]

  var byteCount: Int { bytes.count }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    let count = buffer.byteCount
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: bytes[offset..<offset + count])
    }
  }
}

/// The uncompressed content of one entry of a zip archive.
struct EntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try archive.read(entry, at: offset, into: &buffer)
  }

  /// The same bytes, for reads that jump around or cover only a part of the entry.
  ///
  /// Before the first such read, the whole entry is read once in order, because its checksum cannot be compared
  /// otherwise. A compressed entry is copied to a temporary file on the way, because each jump back would
  /// inflate it again.
  var inAnyOrder: any ByteSource { CheckedEntryBytes(archive: archive, entry: entry) }
}

/// The content of an entry. Its checksum is compared before any byte is returned.
private struct CheckedEntryBytes: ByteSource {
  let archive: ZipArchive
  let entry: ZipEntry

  var byteCount: Int { entry.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try archive.checkWhole(entry)
    try archive.read(entry, at: offset, into: &buffer)
  }
}

/// The bytes of a whole file.
struct FileBytes: ByteSource {
  let file: InputFile

  var byteCount: Int { file.byteCount }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try file.read(at: offset, into: &buffer)
  }
}

/// A range of another byte source.
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
