import HymbaFormat

/// The tensor section of a file, as it is after inflating. When only inflating would tell its length,
/// `byteCount` is the most that it can be.
protocol TensorSection: ByteSource {
  /// Byte `offset` of the section, as a message names it.
  func position(of offset: Int) -> FilePosition

  /// Checks that the section holds the tensors of the tree from byte `offset` on, and nothing after them.
  /// - Throws: ``EdificeError``, and `FormatError` when the file cannot be read.
  func requireData(of tree: NxTree, from offset: Int) throws
}

extension TensorSection {
  /// The `count` bytes from byte `offset` on.
  /// - Precondition: `count` has been compared with `byteCount` and with a limit.
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](count: count) { try read(at: offset, into: &$0) }
  }
}

/// A tensor section that is not compressed.
struct StoredSection: TensorSection {
  private let file: InputFile
  private let start: Int

  /// - Precondition: `start` is within the file.
  init(_ file: InputFile, from start: Int) {
    self.file = file
    self.start = start
  }

  var byteCount: Int { file.byteCount - start }

  func position(of offset: Int) -> FilePosition { .file(start + offset) }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    try file.read(at: start + offset, into: &buffer)
  }

  func requireData(of tree: NxTree, from offset: Int) throws {
    let available = byteCount - offset
    if tree.dataBytes > available, let last = tree.tensors.last {
      throw EdificeError.invalid(
        .dataBeyondFile(tensor: last.name, end: tree.dataBytes, available: available),
        at: position(of: offset))
    }
    guard tree.dataBytes == available else {
      throw EdificeError.invalid(
        .trailingBytes(available - tree.dataBytes), at: position(of: offset + tree.dataBytes))
    }
  }
}
