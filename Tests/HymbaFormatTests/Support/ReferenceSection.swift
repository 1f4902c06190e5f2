import HymbaFormat
import Zstandard

/// A compressed section read by section 6 of the specification, word by word.
struct ReferenceSection {
  /// Stored and decoded bytes of each frame of the table, the padding frame last.
  let table: [(stored: Int, decoded: Int)]
  let frames: [[UInt8]]

  init?(_ bytes: [UInt8]) {
    func word(_ at: Int) -> Int { bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
    guard bytes.count >= 9, word(bytes.count - 4) == 0x8F92_EAB1, bytes[bytes.count - 5] == 0 else {
      return nil
    }
    let count = word(bytes.count - 9)
    let start = bytes.count - (8 + 8 * count + 9)
    guard start >= 0, word(start) == 0x184D_2A5E, word(start + 4) == 8 * count + 9 else {
      return nil
    }
    table = (0..<count).map { (word(start + 8 + 8 * $0), word(start + 12 + 8 * $0)) }
    var frames: [[UInt8]] = []
    var offset = 0
    for frame in table {
      guard offset + frame.stored <= start else { return nil }
      frames.append(Array(bytes[offset..<offset + frame.stored]))
      offset += frame.stored
    }
    guard offset == start else { return nil }
    self.frames = frames
  }

  /// The padding frame is a skippable one of zeros.
  var paddingIsValid: Bool {
    guard let padding = frames.last, padding.count >= 8, table.last?.decoded == 0 else {
      return false
    }
    return Array(padding[..<8]) == [0x50, 0x2A, 0x4D, 0x18]
      + littleEndianBytes(UInt64(padding.count - 8), count: 4)
      && padding[8...].allSatisfy { $0 == 0 }
  }

  /// The logical bytes of the tensor.
  func elements(_ type: ElementType) throws -> [UInt8] {
    let width = ReferencePlanes.width[type] ?? 0
    var elements: [UInt8] = []
    var planes: [UInt8] = []
    for (position, frame) in frames.dropLast().enumerated() {
      var plane = [UInt8](repeating: 0, count: table[position].decoded)
      var decompressor = try Decompressor()
      try plane.withMutableBytes(0..<plane.count) {
        bytes throws(ZstandardError) in try decompressor.decompress(frame.raw, into: &bytes)
      }
      planes += plane
      if position % width == width - 1 {
        elements += ReferencePlanes.merge(planes, type)
        planes = []
      }
    }
    return elements
  }
}
