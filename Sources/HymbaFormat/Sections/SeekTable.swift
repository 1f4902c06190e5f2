import Zstandard

/// The end of a compressed section: a skippable frame of zeros that pads, and the seek table of the
/// Zstandard Seekable Format, without checksums of its own (every frame has one).
///
/// The table lists each frame's stored and decoded bytes, the padding frame's decoded bytes being 0.
struct SeekTable {
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

  /// The data frames, in order; the padding frame is not among them.
  let frames: [Frame]

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
    let words = table.words
    let footer = table.suffix(Self.footerBytes)
    guard words[0] == Self.tableMagic, words[1] == UInt32(tableBytes - Self.frameHeaderBytes),
      Array(footer.suffix(4)).words[0] == Self.footerMagic, Array(footer)[4] == 0,
      Array(footer.prefix(4)).words[0] == UInt32(decodedSizes.count + 1)
    else { throw damaged("its seek table is not valid") }

    var frames: [Frame] = []
    frames.reserveCapacity(decodedSizes.count)
    var offset = 0
    for (position, decoded) in decodedSizes.enumerated() {
      let stored = Int(words[2 + 2 * position])
      guard Int(words[3 + 2 * position]) == decoded else {
        throw damaged(
          "frame \(position) decodes to \(words[3 + 2 * position]) bytes instead of \(decoded)")
      }
      guard stored <= Compressor.largestFrame(of: decoded) else {
        throw damaged("frame \(position) takes \(stored) bytes to hold \(decoded)")
      }
      frames.append(Frame(offset: offset, storedBytes: stored, decodedBytes: decoded))
      offset += stored
    }
    let padding = Int(words[2 + 2 * decodedSizes.count])
    guard words[3 + 2 * decodedSizes.count] == 0 else {
      throw damaged("its seek table is not valid")
    }
    guard offset + padding + tableBytes == range.count else {
      throw damaged("its frames do not fill its section")
    }
    self.frames = frames
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

  /// The little-endian 32-bit words, without a remainder.
  fileprivate var words: [UInt32] {
    (0..<count / 4).map { position in
      self[position * 4..<position * 4 + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
}
