/// Writes a zlib stream by hand: bytes as they are, then as many zeros as wanted, well compressed.
struct ZlibStream {
  private var bytes: [UInt8] = [0x78, 0x01]
  private var pending: UInt8 = 0
  private var pendingBits = 0
  private var low = 1
  private var high = 0

  /// The whole stream; `complete: false` leaves out the end of the last block and the checksum.
  static func of(_ prefix: some Sequence<UInt8>, zeros: Int = 0, complete: Bool = true) -> [UInt8] {
    var stream = ZlibStream()
    stream.appendStored(Array(prefix))
    stream.appendZeros(zeros, complete: complete)
    if complete { stream.bytes += Erlang.bigEndian(stream.high << 16 | stream.low, 4) }
    return stream.bytes
  }

  private mutating func appendStored(_ prefix: [UInt8]) {
    for byte in prefix { count(byte) }
    var rest = prefix[...]
    while !rest.isEmpty {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(block.count)
      let length = UInt16(block.count)
      bytes.append(0)
      for word in [length, ~length] {
        bytes += [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
      }
      bytes += block
    }
  }

  /// The last block, with the fixed Huffman codes: a literal, then matches of 258 bytes at distance 1.
  private mutating func appendZeros(_ zeros: Int, complete: Bool) {
    for bit in [1, 1, 0] { append(bit) }
    let matches = zeros > 0 ? (zeros - 1) / 258 : 0
    for _ in 0..<(zeros - matches * 258) { appendCode(0b0011_0000, 8) }
    for _ in 0..<matches {
      appendCode(0b1100_0101, 8)
      appendCode(0, 5)
    }
    if complete { appendCode(0, 7) }
    if pendingBits > 0 { bytes.append(pending) }
    high = (high + zeros % 65521 * low) % 65521
  }

  private mutating func count(_ byte: UInt8) {
    low = (low + Int(byte)) % 65521
    high = (high + low) % 65521
  }

  private mutating func appendCode(_ code: Int, _ count: Int) {
    for bit in (0..<count).reversed() { append(code >> bit & 1) }
  }

  private mutating func append(_ bit: Int) {
    pending |= UInt8(bit) << UInt8(pendingBits)
    pendingBits += 1
    if pendingBits == 8 {
      bytes.append(pending)
      (pending, pendingBits) = (0, 0)
    }
  }
}
