/// A block format that stores each element as one of some evenly spaced numbers, which the scales of its block give.
protocol LevelFormat: BlockFormat {
  /// The bytes of a block that hold the elements. The other bytes are scales.
  static var numbers: Range<Int> { get }
  /// How many numbers an element can be.
  static var levels: Int { get }
  /// Whether a block has an F16 offset beside its scale. K types have small offsets, which are chosen after those are
  /// rounded.
  static var hasOffset: Bool { get }
  /// The byte that fills ``numbers`` where every element is at one end of its numbers, and at the other end.
  static var ends: (first: UInt8, last: UInt8) { get }
}

extension LevelFormat {
  static var hasOffset: Bool { false }
  static var ends: (first: UInt8, last: UInt8) { (0x00, 0xFF) }
}

extension Q4_0: LevelFormat {
  static var numbers: Range<Int> { 2..<18 }
  static var levels: Int { 16 }
}

extension Q4_1: LevelFormat {
  static var hasOffset: Bool { true }
  static var numbers: Range<Int> { 4..<20 }
  static var levels: Int { 16 }
}

extension Q5_0: LevelFormat {
  static var numbers: Range<Int> { 2..<22 }
  static var levels: Int { 32 }
}

extension Q5_1: LevelFormat {
  static var hasOffset: Bool { true }
  static var numbers: Range<Int> { 4..<24 }
  static var levels: Int { 32 }
}

extension Q8_0: LevelFormat {
  static var numbers: Range<Int> { 2..<34 }
  static var levels: Int { 256 }
  static var ends: (first: UInt8, last: UInt8) { (0x80, 0x7F) }
}

extension Q2K: LevelFormat {
  static var numbers: Range<Int> { 16..<80 }
  static var levels: Int { 4 }
}

extension Q3K: LevelFormat {
  static var numbers: Range<Int> { 0..<96 }
  static var levels: Int { 8 }
}

extension Q4K: LevelFormat {
  static var numbers: Range<Int> { 16..<144 }
  static var levels: Int { 16 }
}

extension Q5K: LevelFormat {
  static var numbers: Range<Int> { 16..<176 }
  static var levels: Int { 32 }
}

extension Q6K: LevelFormat {
  static var numbers: Range<Int> { 0..<192 }
  static var levels: Int { 64 }
}

extension Q8K: LevelFormat {
  static var numbers: Range<Int> { 4..<260 }
  static var levels: Int { 256 }
  static var ends: (first: UInt8, last: UInt8) { (0x80, 0x7F) }
}

extension GGUFType {
  /// How many numbers an element can be, and whether they have an offset beside a scale; nil for a type without blocks.
  package var levels: (count: Int, haveOffset: Bool)? {
    (blocks as? any LevelFormat.Type).map { ($0.levels, $0.hasOffset) }
  }
}
