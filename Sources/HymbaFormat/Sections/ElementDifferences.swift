/// The elements of a chunk that differ from those of a base, as their positions and the XOR of the bit patterns.
///
/// The positions are the numbers of equal elements between two that differ, a byte each: 254 and less as they are. The
/// byte 255 stands for 255 equal elements with more to come. Changes at random places then take as many bits as their
/// entropy, once the bytes are compressed. Where all elements are listed, no positions are.
struct ElementDifferences {
  private(set) var positions: [UInt8] = []
  private(set) var values: [UInt8] = []
  private let elementBytes: Int

  private static let longGap: UInt8 = 255

  /// The most bytes of positions in a chunk of so many elements.
  static func mostPositionBytes(of elements: Int) -> Int { elements + elements / Int(longGap) }

  /// The number of elements that differ.
  var count: Int { values.count / elementBytes }

  /// Finds the elements that differ.
  /// - Parameters:
  ///   - elements: The elements of the chunk.
  ///   - base: As many bytes of the base.
  ///   - elementBytes: The bytes of an element: 1, 2, 4 or 8.
  init(of elements: RawSpan, from base: RawSpan, elementBytes: Int) {
    self.elementBytes = elementBytes
    switch elementBytes {
    case 1: list(UInt8.self, elements, base)
    case 2: list(UInt16.self, elements, base)
    case 4: list(UInt32.self, elements, base)
    default: list(UInt64.self, elements, base)
    }
    // With nothing between the elements, positions would be zeros.
    if values.count == elements.byteCount { positions = [] }
  }

  private mutating func list<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type, _ elements: RawSpan, _ base: RawSpan) {
    var gap = 0
    for offset in stride(from: 0, to: elements.byteCount, by: MemoryLayout<Word>.size) {
      // Every bit pattern is a valid integer, and the span traps on a word outside of it.
      let difference = unsafe elements.unsafeLoadUnaligned(fromByteOffset: offset, as: Word.self)
        ^ base.unsafeLoadUnaligned(fromByteOffset: offset, as: Word.self)
      guard difference != 0 else {
        gap += 1
        continue
      }
      while gap >= Int(Self.longGap) {
        positions.append(Self.longGap)
        gap -= Int(Self.longGap)
      }
      positions.append(UInt8(gap))
      gap = 0
      for byte in 0..<MemoryLayout<Word>.size {
        // Both words are as the file has them, with the lowest byte first.
        values.append(UInt8(truncatingIfNeeded: Word(littleEndian: difference) >> Word(8 * byte)))
      }
    }
  }

  /// The XOR of all elements, equal ones included.
  static func all(of elements: RawSpan, from base: RawSpan) -> [UInt8] {
    [UInt8](count: elements.byteCount) { bytes in
      for offset in 0..<elements.byteCount {
        let difference = unsafe elements.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
          ^ base.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        bytes.storeBytes(of: difference, toByteOffset: offset, as: UInt8.self)
      }
    }
  }

  /// Changes the elements of a base into those of which these are the differences.
  ///
  /// - Parameters:
  ///   - positions: As this type has them; none where all elements are listed, or none.
  ///   - values: The XOR of each listed element.
  ///   - elementBytes: The bytes of an element.
  ///   - elements: The elements of the base, which are changed.
  /// - Returns: Whether positions and values agree with each other and with the elements. If not, the elements are of no
  ///   use.
  static func apply(
    positions: [UInt8], values: RawSpan, elementBytes: Int, to elements: inout MutableRawSpan
  ) -> Bool {
    if positions.isEmpty {
      guard values.byteCount > 0 else { return true }
      guard values.byteCount == elements.byteCount else { return false }
      change(0, &elements, by: values, from: 0, values.byteCount)
      return true
    }
    var next = 0
    var used = 0
    for gap in positions {
      next += Int(gap) * elementBytes
      guard gap != longGap else { continue }
      guard next < elements.byteCount, used < values.byteCount else { return false }
      change(next, &elements, by: values, from: used, elementBytes)
      next += elementBytes
      used += elementBytes
    }
    return used == values.byteCount
  }

  private static func change(
    _ place: Int, _ elements: inout MutableRawSpan, by values: RawSpan, from offset: Int, _ count: Int
  ) {
    for byte in 0..<count {
      let old = unsafe elements.unsafeLoad(fromByteOffset: place + byte, as: UInt8.self)
      let difference = unsafe values.unsafeLoad(fromByteOffset: offset + byte, as: UInt8.self)
      elements.storeBytes(of: old ^ difference, toByteOffset: place + byte, as: UInt8.self)
    }
  }
}

extension ChunkEncoder {
  /// Stores what differs from the same chunk of a base, as a list or as the XOR of all elements, whichever is smaller.
  /// - Parameters:
  ///   - elements: The logical bytes of one chunk.
  ///   - base: Those of the base's tensor.
  ///   - type: The type of both.
  /// - Throws: ``ZstandardError``.
  func encode(_ elements: RawSpan, differingFrom base: RawSpan, _ type: ElementType) throws -> EncodedChunk {
    let differences = ElementDifferences(of: elements, from: base, elementBytes: type.byteSize)
    let list = try encode(positions: differences.positions, values: differences.values, type)
    // A list of few elements is always smaller.
    guard differences.count * 2 > elements.byteCount / type.byteSize, !differences.positions.isEmpty else {
      return list
    }
    let all = try encode(positions: [], values: ElementDifferences.all(of: elements, from: base), type)
    return all.bytes.count < list.bytes.count ? all : list
  }
}
