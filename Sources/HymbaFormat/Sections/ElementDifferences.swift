/// The elements of a chunk that differ from those of a base, as their positions and their distances from the base's.
///
/// The positions are the numbers of equal elements between two that differ, a byte each: 254 and less as they are. The
/// byte 255 stands for 255 equal elements with more to come. Changes at random places then take as many bits as their
/// entropy, once the bytes are compressed. Where all elements are listed, no positions are.
///
/// A distance is that of the bit patterns as integers: two floating-point numbers of one sign are as far apart as there
/// are steps between them. The distances 0, -1, 1, -2, … are stored as 0, 1, 2, 3, …, so that the upper bytes of small
/// ones are zero.
struct ElementDifferences {
  let positions: [UInt8]
  /// The distances of the listed elements, as integers of the size of an element.
  let values: [UInt8]
  private let elementBytes: Int

  private static let longGap: UInt8 = 255

  /// The most bytes of positions in a chunk of so many elements.
  static func mostPositionBytes(of elements: Int) -> Int { elements + elements / Int(longGap) }

  /// The number of listed elements.
  var count: Int { values.count / elementBytes }

  /// Lists elements of a chunk.
  /// - Parameters:
  ///   - elements: The elements of the chunk.
  ///   - base: As many bytes of the base.
  ///   - elementBytes: The bytes of an element: 1, 2, 4 or 8.
  ///   - listsAll: Whether equal elements are listed, too.
  /// - Complexity: O(elements).
  init(of elements: RawSpan, from base: RawSpan, elementBytes: Int, listsAll: Bool = false) {
    let list =
      switch elementBytes {
      case 1: Self.list(UInt8.self, elements, base, listsAll)
      case 2: Self.list(UInt16.self, elements, base, listsAll)
      case 4: Self.list(UInt32.self, elements, base, listsAll)
      default: Self.list(UInt64.self, elements, base, listsAll)
      }
    (self.positions, self.values, self.elementBytes) = (list.positions, list.values, elementBytes)
  }

  /// Changes the elements of a base into those of which these are the differences.
  ///
  /// - Parameters:
  ///   - positions: As this type has them; none where all elements are listed, or none.
  ///   - values: The distance of each listed element.
  ///   - elementBytes: The bytes of an element.
  ///   - elements: The elements of the base, which are changed.
  /// - Returns: Whether positions and values agree with each other and with the elements. If not, the elements are of no
  ///   use.
  static func apply(
    positions: [UInt8], values: RawSpan, elementBytes: Int, to elements: inout MutableRawSpan
  ) -> Bool {
    unsafe values.withUnsafeBytes { values in
      unsafe elements.withUnsafeMutableBytes { elements in
        switch elementBytes {
        case 1: unsafe move(UInt8.self, elements, positions, values)
        case 2: unsafe move(UInt16.self, elements, positions, values)
        case 4: unsafe move(UInt32.self, elements, positions, values)
        default: unsafe move(UInt64.self, elements, positions, values)
        }
      }
    }
  }
}

extension ElementDifferences {
  private typealias Word = UnsignedInteger & FixedWidthInteger & BitwiseCopyable

  private static func list<W: Word>(
    _: W.Type, _ elements: RawSpan, _ base: RawSpan, _ listsAll: Bool
  ) -> (positions: [UInt8], values: [UInt8]) {
    // The loops stay within the elements and the base, which have as many bytes.
    precondition(elements.byteCount == base.byteCount, "as many bytes of the base")
    return unsafe elements.withUnsafeBytes { elements in
      unsafe base.withUnsafeBytes { base in
        let count = elements.count / MemoryLayout<W>.size
        var differing = 0
        for index in 0..<count where unsafe W(at: index, of: elements) != W(at: index, of: base) { differing += 1 }
        guard !listsAll, differing < count else {
          // With nothing between the elements, positions would be zeros.
          return unsafe ([], distances(W.self, elements, base))
        }
        return unsafe list(W.self, elements, base, differing)
      }
    }
  }

  private static func distances<W: Word>(
    _: W.Type, _ elements: UnsafeRawBufferPointer, _ base: UnsafeRawBufferPointer
  ) -> [UInt8] {
    [UInt8](count: elements.count) { values in
      unsafe values.withUnsafeMutableBytes { values in
        for index in 0..<elements.count / MemoryLayout<W>.size {
          unsafe (W(at: index, of: elements) &- W(at: index, of: base)).folded.store(at: index, of: values)
        }
      }
    }
  }

  /// - Parameter differing: The number of elements that differ, for which memory is taken.
  private static func list<W: Word>(
    _: W.Type, _ elements: UnsafeRawBufferPointer, _ base: UnsafeRawBufferPointer, _ differing: Int
  ) -> (positions: [UInt8], values: [UInt8]) {
    let count = elements.count / MemoryLayout<W>.size
    var positions: [UInt8] = []
    positions.reserveCapacity(differing + count / Int(longGap))
    let values = [UInt8](count: differing * MemoryLayout<W>.size) { values in
      unsafe values.withUnsafeMutableBytes { values in
        var listed = 0
        var next = 0
        for index in 0..<count {
          let distance = unsafe W(at: index, of: elements) &- W(at: index, of: base)
          guard distance != 0 else { continue }
          for _ in 0..<(index - next) / Int(longGap) { positions.append(longGap) }
          positions.append(UInt8((index - next) % Int(longGap)))
          unsafe distance.folded.store(at: listed, of: values)
          listed += 1
          next = index + 1
        }
      }
    }
    return (positions, values)
  }

  private static func move<W: Word>(
    _: W.Type, _ elements: UnsafeMutableRawBufferPointer, _ positions: [UInt8], _ values: UnsafeRawBufferPointer
  ) -> Bool {
    let count = elements.count / MemoryLayout<W>.size
    let listed = values.count / MemoryLayout<W>.size
    func move(_ index: Int, by place: Int) {
      let element = unsafe W(at: index, of: UnsafeRawBufferPointer(elements)) &+ W(at: place, of: values).unfolded
      unsafe element.store(at: index, of: elements)
    }
    guard !positions.isEmpty else {
      guard listed == count || listed == 0 else { return false }
      for index in 0..<listed { move(index, by: index) }
      return true
    }
    var next = 0
    var place = 0
    for gap in positions {
      next += Int(gap)
      guard gap != longGap else { continue }
      guard next < count, place < listed else { return false }
      move(next, by: place)
      next += 1
      place += 1
    }
    return place == listed
  }
}

extension UnsignedInteger where Self: FixedWidthInteger & BitwiseCopyable {
  /// The integer at a place of a list of them, each with its lowest byte first.
  fileprivate init(at index: Int, of bytes: UnsafeRawBufferPointer) {
    // Every bit pattern is a valid integer. The callers stay within the bytes.
    self = unsafe Self(
      littleEndian: bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Self>.size, as: Self.self))
  }

  fileprivate func store(at index: Int, of bytes: UnsafeMutableRawBufferPointer) {
    unsafe bytes.storeBytes(of: littleEndian, toByteOffset: index * MemoryLayout<Self>.size, as: Self.self)
  }

  /// 0, 1, 2, 3, … of the signed numbers 0, -1, 1, -2, ….
  fileprivate var folded: Self { self &<< 1 ^ (0 &- self &>> Self(Self.bitWidth - 1)) }

  /// The inverse of ``folded``.
  fileprivate var unfolded: Self { self &>> 1 ^ (0 &- (self & 1)) }
}

extension ElementType {
  /// The unsigned integers of the size of an element, which are what values are.
  var unsigned: ElementType {
    switch byteSize {
    case 1: .uint8
    case 2: .uint16
    case 4: .uint32
    default: .uint64
    }
  }
}

extension ChunkEncoder {
  /// Stores what differs from the same chunk of a base: a list of the elements that differ, or all elements, whichever is
  /// smaller.
  /// - Parameters:
  ///   - elements: The logical bytes of one chunk.
  ///   - base: Those of the base's tensor.
  ///   - type: The type of both.
  /// - Throws: ``ZstandardError``.
  func encode(_ elements: RawSpan, differingFrom base: RawSpan, _ type: ElementType) throws -> EncodedChunk {
    func encode(listsAll: Bool) throws -> (chunk: EncodedChunk, differences: ElementDifferences) {
      let differences = ElementDifferences(
        of: elements, from: base, elementBytes: type.byteSize, listsAll: listsAll)
      return (try self.encode(positions: differences.positions, values: differences.values, type), differences)
    }
    let (list, differences) = try encode(listsAll: false)
    // A list of few elements is always smaller.
    guard differences.count * 2 > elements.byteCount / type.byteSize, !differences.positions.isEmpty else {
      return list
    }
    let all = try encode(listsAll: true).chunk
    return all.bytes.count < list.bytes.count ? all : list
  }
}
