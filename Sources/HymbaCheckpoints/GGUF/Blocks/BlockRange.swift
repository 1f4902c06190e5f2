import HymbaFormat

/// Reads ranges of a tensor that is stored in blocks. A range may begin and end within a block.
///
/// Memory stays at some hundred kilobytes, whatever the range.
struct BlockRange {
  private let file: InputFile
  private let start: Int

  /// Elements that are decoded at a time: few enough for the processor's cache.
  private static let pieceElements = 1 << 16

  /// - Parameter start: The byte of the file at which the first block begins.
  init(_ file: InputFile, from start: Int) {
    self.file = file
    self.start = start
  }

  /// Fills `buffer` with bytes of the F32 elements, from byte `offset` of them on.
  /// - Parameter filling: Bytes of each block that are taken for another byte; nil for none.
  /// - Precondition: The range lies within the tensor, which lies within the file.
  /// - Throws: `FormatError`.
  func read(
    _ format: any BlockFormat.Type, filling: (bytes: Range<Int>, with: UInt8)? = nil, from offset: Int,
    into buffer: inout MutableRawSpan
  ) throws {
    guard buffer.byteCount > 0 else { return }
    let blockBytes = format.elements * MemoryLayout<Float>.stride
    let end = (offset + buffer.byteCount - 1) / blockBytes + 1
    let pieceBlocks = min(Self.pieceElements / format.elements, end - offset / blockBytes)
    var values = [Float](repeating: 0, count: pieceBlocks * format.elements)
    var filled = 0
    while filled < buffer.byteCount {
      let first = (offset + filled) / blockBytes
      let count = min(pieceBlocks, end - first)
      var blocks = try file.bytes(at: start + first * format.bytes, count: count * format.bytes)
      if let filling {
        for block in 0..<count {
          for byte in filling.bytes { blocks[block * format.bytes + byte] = filling.with }
        }
      }
      var span = values.mutableSpan
      format.decodeAll(blocks.span, into: &span)
      let skipped = offset + filled - first * blockBytes
      let copied = min(buffer.byteCount - filled, count * blockBytes - skipped)
      unsafe buffer.withUnsafeMutableBytes { target in
        unsafe values.withUnsafeBytes { source in
          unsafe target[filled..<filled + copied].copyBytes(from: source[skipped..<skipped + copied])
        }
      }
      filled += copied
    }
  }
}
