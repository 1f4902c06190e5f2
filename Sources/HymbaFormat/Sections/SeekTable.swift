import Zstandard

/// The end of a compressed section: a skippable frame of zeros that pads, and the seek table of the
/// Zstandard Seekable Format, without checksums of its own (every frame has one).
///
/// The table lists each frame's stored and decoded bytes, the padding frame's decoded bytes being 0.
struct SeekTable: Sendable {
  /// Sections end on multiples of this many bytes of the buffer.
  static let alignment = 64

  private static let padMagic: UInt32 = 0x184D_2A50
  private static let tableMagic: UInt32 = 0x184D_2A5E
  private static let footerMagic: UInt32 = 0x8F92_EAB1
  private static let frameHeaderBytes = 8
  private static let entryBytes = 8
  private static let footerBytes = 9

  struct Frame: Equatable {
    /// Bytes from the start of the section.
    var offset: Int
    var storedBytes: Int
    var decodedBytes: Int
  }

  /// The table as it is stored, with its frame header.
  let bytes: [UInt8]
  /// Where each data frame begins, counted from the start of the section, and where the last one ends.
  let offsets: [Int]

  /// The data frames; the padding frame is not among them.
  var frameCount: Int { offsets.count - 1 }

  /// The data frame at a position.
  func frame(_ index: Int) -> Frame {
    Frame(
      offset: offsets[index], storedBytes: offsets[index + 1] - offsets[index],
      decodedBytes: Int(Self.word(Self.frameHeaderBytes + Self.entryBytes * index + 4, of: bytes)))
  }

  /// The bytes that follow `frames` in a section that begins at `sectionOffset` of the buffer.
  static func tail(for frames: [Frame], sectionOffset: Int) -> [UInt8] {
    let framesEnd = frames.last.map { $0.offset + $0.storedBytes } ?? 0
    let tableBytes = bytesOfTable(frameCount: frames.count + 1)
    let unpadded = sectionOffset + framesEnd + frameHeaderBytes + tableBytes
    let padding = (alignment - unpadded % alignment) % alignment

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

  /// Reads and checks the table of the section `range` of `file`.
  ///
  /// - Complexity: O(frames).
  /// - Parameter decodedSizes: What each frame must decode to. The table must agree, and no frame may be
  ///   larger than Zstandard makes it, so that nothing is allocated on the word of the file.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``.
  init(
    of tensor: String, in file: InputFile, range: Range<Int>, decodedSizes: [Int]
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
    for (position, decoded) in decodedSizes.enumerated() {
      let stored = Int(word(entry))
      guard Int(word(entry + 4)) == decoded else {
        throw damaged("frame \(position) decodes to \(word(entry + 4)) bytes instead of \(decoded)")
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

  /// The little-endian word at a byte of a table.
  private static func word(_ offset: Int, of table: [UInt8]) -> UInt32 {
    // The span refuses words that do not lie within it; every bit pattern is an integer.
    UInt32(
      littleEndian: unsafe table.raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Bytes of the table with its frame header.
  static func bytesOfTable(frameCount: Int) -> Int {
    frameHeaderBytes + entryBytes * frameCount + footerBytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(word: UInt32) {
    append(contentsOf: [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) })
  }
}
