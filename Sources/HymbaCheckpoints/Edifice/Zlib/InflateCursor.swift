import HymbaFormat

/// A position in the output of a zlib stream. The stream goes from some byte of a file to its end.
struct InflateCursor: ~Copyable {
  /// Bytes inflated so far.
  private(set) var position = 0
  private let file: InputFile
  private let start: Int
  private var inflater: Inflater
  /// Compressed bytes that were read from the file but not inflated yet.
  private var input: ArraySlice<UInt8> = []
  /// The byte of the file after ``input``.
  private var fileOffset: Int

  private static let windowBytes = 64 << 10

  init(_ file: InputFile, from start: Int) throws {
    let inflater = try Inflater(at: start)
    self.file = file
    self.start = start
    self.fileOffset = start
    self.inflater = inflater
  }

  /// Fills `buffer` with the next bytes of the output.
  /// - Throws: ``EdificeError/zlib(_:at:)``, `FormatError` when the file cannot be read.
  mutating func read(into buffer: inout MutableRawSpan) throws {
    try fill(&buffer, onTheWayTo: position + buffer.byteCount)
  }

  /// Inflates `count` bytes and drops them.
  mutating func skip(_ count: Int) throws {
    guard count > 0 else { return }
    var scratch = [UInt8](repeating: 0, count: min(count, Self.windowBytes))
    let end = position + count
    while position < end {
      try scratch.withMutableBytes(0..<min(scratch.count, end - position)) { bytes in
        try fill(&bytes, onTheWayTo: end)
      }
    }
  }

  /// Checks that the stream ends here, that its checksum is right, and that the file ends with it.
  /// - Throws: ``EdificeError/zlib(_:at:)``, `FormatError` when the file cannot be read.
  mutating func finish() throws {
    var spare: [UInt8] = [0]
    while !inflater.isAtEnd {
      let end = position
      try spare.withMutableBytes(0..<1) { _ = try inflate(into: &$0, from: 0) }
      guard position == end else {
        throw EdificeError.zlib(.tooManyBytes(expected: end), at: start)
      }
    }
    let trailing = input.count + file.byteCount - fileOffset
    guard trailing == 0 else { throw EdificeError.zlib(.trailingBytes(trailing), at: start) }
  }

  /// - Parameter end: The length of the output that is needed in the end, for the message.
  private mutating func fill(_ buffer: inout MutableRawSpan, onTheWayTo end: Int) throws {
    var done = 0
    while done < buffer.byteCount {
      let count = try inflate(into: &buffer, from: done)
      guard count > 0 || !inflater.isAtEnd else {
        throw EdificeError.zlib(.tooFewBytes(found: position, expected: end), at: start)
      }
      done += count
    }
  }

  /// Inflates one step.
  /// - Returns: The number of bytes written to `buffer` from byte `offset` on, which may be 0.
  private mutating func inflate(
    into buffer: inout MutableRawSpan, from offset: Int
  ) throws -> Int {
    if input.isEmpty && !inflater.isAtEnd {
      let count = min(Self.windowBytes, file.byteCount - fileOffset)
      input = try file.bytes(at: fileOffset, count: count)[...]
      fileOffset += count
    }
    let step = try inflater.inflate(input, into: &buffer, from: offset)
    // Without input, zlib may still return output that it held back. A step that does nothing shows that the
    // stream is cut short.
    guard step != (0, 0) || inflater.isAtEnd || fileOffset < file.byteCount else {
      throw EdificeError.zlib(.cutShort, at: start)
    }
    input = input.dropFirst(step.consumed)
    position += step.produced
    return step.produced
  }
}
