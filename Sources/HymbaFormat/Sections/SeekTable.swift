import Zstandard

/// The end of a compressed section: a skippable frame of zeros as padding, and the seek table of the Zstandard
/// Seekable Format. The table has no checksums, since every frame has its own.
///
/// The table lists the stored and the decoded bytes of each frame. The padding frame has 0 decoded bytes.
struct SeekTable: Sendable {
  /// Sections end at multiples of this many bytes, counted from the start of the buffer.
  static let alignment = 64

  private static let padMagic: UInt32 = 0x184D_2A50
  private static let tableMagic: UInt32 = 0x184D_2A5E
  private static let footerMagic: UInt32 = 0x8F92_EAB1
  private static let frameHeaderBytes = 8
  private static let entryBytes = 8
  private static let footerBytes = 9

  struct Frame: Equatable {
    /// The offset from the start of the section.
    var offset: Int
    var storedBytes: Int
    var decodedBytes: Int
  }

  /// The table as stored, with the header of its frame.
  let bytes: [UInt8]
  /// The offset of each data frame from the start of the section, and the end of the last one.
  let offsets: [Int]

  /// The number of data frames. The padding frame is not counted.
  var frameCount: Int { offsets.count - 1 }

  /// The data frame at a position.
  func frame(_ index: Int) -> Frame {
    Frame(
      offset: offsets[index], storedBytes: offsets[index + 1] - offsets[index],
      decodedBytes: Int(Self.word(Self.frameHeaderBytes + Self.entryBytes * index + 4, of: bytes)))
  }

  /// The bytes after the frames of a section: the padding and the table.
  /// - Parameters:
  ///   - frames: The frames, in order.
  ///   - sectionOffset: Where the section begins in the buffer, which decides how much padding aligns its end; nil for
  ///     no padding.
  static func tail(for frames: [Frame], sectionOffset: Int?) -> [UInt8] {
    let framesEnd = frames.last.map { $0.offset + $0.storedBytes } ?? 0
    let tableBytes = bytesOfTable(frameCount: frames.count + 1)
    let padding = sectionOffset.map { offset in
      let unpadded = offset + framesEnd + frameHeaderBytes + tableBytes
      return (alignment - unpadded % alignment) % alignment
    } ?? 0

    var bytes: [UInt8] = []
    bytes.append(word: padMagic)
    bytes.append(word: UInt32(padding))
    bytes.append(contentsOf: repeatElement(0, count: padding))
    bytes.append(word: tableMagic)
    bytes.append(word: UInt32(tableBytes - frameHeaderBytes))
    for frame in frames {
      bytes.append(word: UInt32(frame.storedBytes))
      bytes.append(word: UInt32(frame.decodedBytes))
    }
    bytes.append(word: UInt32(frameHeaderBytes + padding))
    bytes.append(word: 0)
    bytes.append(word: UInt32(frames.count + 1))
    bytes.append(0)  // descriptor: no checksums in the table
    bytes.append(word: footerMagic)
    return bytes
  }

  /// Reads and checks the table of the section that lies at `range` in `file`.
  ///
  /// - Complexity: O(frames).
  /// - Parameter decodedSizes: The decoded bytes of each frame. The table must agree with them, and no frame
  ///   may be larger than Zstandard would make it. So no number in the file decides by itself how much memory
  ///   is allocated.
  /// - Parameter areLimits: Whether a frame may have fewer decoded bytes than that.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and the errors of reading the file.
  init(
    of tensor: String, in file: InputFile, range: Range<Int>, decodedSizes: [Int], areLimits: Bool = false
  ) throws(FormatError) {
    func damaged(_ why: String) -> FormatError { .sectionDamaged(tensor: tensor, why) }
    let tableBytes = Self.bytesOfTable(frameCount: decodedSizes.count + 1)
    guard range.count >= tableBytes else {
      throw damaged(
        "its section of \(range.count) bytes is too short for a seek table of \(tableBytes)")
    }
    let table = try file.bytes(at: range.upperBound - tableBytes, count: tableBytes)
    func word(_ offset: Int) -> UInt32 { Self.word(offset, of: table) }
    let footer = tableBytes - Self.footerBytes
    guard word(0) == Self.tableMagic, word(4) == UInt32(tableBytes - Self.frameHeaderBytes),
      word(footer) == UInt32(decodedSizes.count + 1), table[footer + 4] == 0,
      word(footer + 5) == Self.footerMagic
    else { throw damaged("its seek table is not valid") }

    var offsets: [Int] = []
    offsets.reserveCapacity(decodedSizes.count + 1)
    var offset = 0
    var entry = Self.frameHeaderBytes
    for (position, size) in decodedSizes.enumerated() {
      let stored = Int(word(entry))
      let decoded = Int(word(entry + 4))
      guard areLimits ? decoded <= size : decoded == size else {
        throw damaged(
          "frame \(position) decodes to \(decoded) bytes instead of \(areLimits ? "at most " : "")\(size)")
      }
      guard stored <= Compressor.largestFrame(of: decoded) else {
        throw damaged("frame \(position) takes \(stored) bytes to hold \(decoded)")
      }
      offsets.append(offset)
      offset += stored
      entry += Self.entryBytes
    }
    offsets.append(offset)
    guard word(entry + 4) == 0 else { throw damaged("its seek table is not valid") }
    guard offset + Int(word(entry)) + tableBytes == range.count else {
      throw damaged("its frames do not fill its section")
    }
    self.bytes = table
    self.offsets = offsets
  }

  /// The little-endian word at a byte offset of a table.
  private static func word(_ offset: Int, of table: [UInt8]) -> UInt32 {
    // The span traps on a word that does not lie within it. Every bit pattern is a valid integer.
    UInt32(
      littleEndian: unsafe table.raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The bytes of the table, with the header of its frame.
  static func bytesOfTable(frameCount: Int) -> Int {
    frameHeaderBytes + entryBytes * frameCount + footerBytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(word: UInt32) {
    append(contentsOf: [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) })
  }
}
