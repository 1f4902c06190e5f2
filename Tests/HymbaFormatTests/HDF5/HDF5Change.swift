import Testing

/// Bytes of a fixture that are made to mislead, with the checksum of their block made right again: whoever means
/// to harm does so, too.
struct HDF5Change: Sendable, CustomTestStringConvertible {
  let what: String
  let file: String
  /// Where the fixture has which bytes, so that a new fixture does not make the test empty.
  let place: Int
  let expected: [UInt8]
  /// New bytes by their distance from the place.
  let changes: [Int: [UInt8]]
  /// Where the block begins and how many bytes it has in front of its checksum; nil for one without.
  let block: (start: Int, count: Int)?
  let message: String

  init(
    _ what: String, _ file: String, _ place: Int, _ expected: [UInt8], _ changes: [Int: [UInt8]],
    block: (start: Int, count: Int)? = nil, _ message: String
  ) {
    self.what = what
    self.file = file
    self.place = place
    self.expected = expected
    self.changes = changes
    self.block = block
    self.message = message
  }

  var testDescription: String { "\(file): \(what)" }

  var bytes: [UInt8] {
    get throws {
      var bytes = try HDF5Fixture.bytes(file)
      try #require(bytes[place...].starts(with: expected), "not where it was")
      if let block { try #require(checksum(of: bytes, block) == stored(in: bytes, block)) }
      for (offset, change) in changes {
        let start = place + offset
        bytes.replaceSubrange(start..<start + change.count, with: change)
      }
      if let block {
        let sum = checksum(of: bytes, block)
        for index in 0..<4 {
          bytes[block.start + block.count + index] = UInt8(
            truncatingIfNeeded: sum >> UInt32(8 * index))
        }
      }
      return bytes
    }
  }

  private func checksum(of bytes: [UInt8], _ block: (start: Int, count: Int)) -> UInt32 {
    lookup3(bytes[block.start..<block.start + block.count])
  }

  private func stored(in bytes: [UInt8], _ block: (start: Int, count: Int)) -> UInt32 {
    let end = block.start + block.count
    return bytes[end..<end + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Bob Jenkins's `hashlittle` of lookup3.c (public domain, May 2006) with an initial value of 0, which HDF5 uses as
/// its checksum.
func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
  var a = 0xDEAD_BEEF &+ UInt32(bytes.count)
  var b = a
  var c = a
  var rest = bytes
  func word(_ index: Int) -> UInt32 {
    rest.dropFirst(4 * index).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
  while rest.count > 12 {
    (a, b, c) = (a &+ word(0), b &+ word(1), c &+ word(2))
    for bits: (UInt32, UInt32, UInt32) in [(4, 6, 8), (16, 19, 4)] {
      a = (a &- c) ^ rotated(c, bits.0)
      c = c &+ b
      b = (b &- a) ^ rotated(a, bits.1)
      a = a &+ c
      c = (c &- b) ^ rotated(b, bits.2)
      b = b &+ a
    }
    rest = rest.dropFirst(12)
  }
  guard !rest.isEmpty else { return c }
  (a, b, c) = (a &+ word(0), b &+ word(1), c &+ word(2))
  c = (c ^ b) &- rotated(b, 14)
  a = (a ^ c) &- rotated(c, 11)
  b = (b ^ a) &- rotated(a, 25)
  c = (c ^ b) &- rotated(b, 16)
  a = (a ^ c) &- rotated(c, 4)
  b = (b ^ a) &- rotated(a, 14)
  return (c ^ b) &- rotated(b, 24)
}
