import HymbaFormat
import HymbaModel

/// A GGUF file of three large tensors, of which the blocks are random and their scales are small numbers.
enum RandomGGUF {
  private static let columns = 4096
  private static let alignment = 32

  /// A type in blocks: its number, the elements and bytes of a block, and the bytes at which its F16 scales begin.
  private struct BlockType {
    let name: String
    let number: UInt32
    let elements: Int
    let bytes: Int
    let scales: [Int]
  }

  private static let types = [
    BlockType(name: "Q8_0", number: 8, elements: 32, bytes: 34, scales: [0]),
    BlockType(name: "Q4_K", number: 12, elements: 256, bytes: 144, scales: [0, 2]),
    BlockType(name: "Q6_K", number: 14, elements: 256, bytes: 210, scales: [208]),
  ]

  /// Writes tensors of the shape [rows, 4096], one of each type.
  /// - Throws: The errors of writing a file.
  static func write(to path: String, rows: Int) throws {
    let sizes = types.map { rows * columns / $0.elements * $0.bytes }
    let starts = sizes.indices.map { sizes[..<$0].reduce(0) { $0 + aligned($1) } }
    var header = Array("GGUF".utf8) + bytes(UInt32(3)) + bytes(UInt64(types.count)) + bytes(UInt64(0))
    for (type, start) in zip(types, starts) {
      let name = "\(type.name).weight"
      header += bytes(UInt64(name.utf8.count)) + Array(name.utf8) + bytes(UInt32(2))
      header += bytes(UInt64(columns)) + bytes(UInt64(rows)) + bytes(type.number) + bytes(UInt64(start))
    }
    header += [UInt8](repeating: 0, count: aligned(header.count) - header.count)
    let total = header.count + sizes.reduce(0) { $0 + aligned($1) }
    let output = try OutputFile(path, replace: false, expectedBytes: total)
    try output.write(header, at: 0)
    for (type, (start, size)) in zip(types, zip(starts, sizes)) {
      try write(type, size, to: output, at: header.count + start)
    }
    try output.commit(byteCount: total) { _ in }
  }

  /// Writes the blocks of a tensor, and zeros up to the alignment.
  private static func write(_ type: BlockType, _ size: Int, to output: borrowing OutputFile, at start: Int) throws {
    // Some random blocks are repeated: there are more of them than a processor remembers.
    let piece = blocks(of: type, count: 8192)
    for offset in stride(from: 0, to: size, by: piece.count) {
      try output.write(Array(piece[..<min(piece.count, size - offset)]), at: start + offset)
    }
    let padding = aligned(size) - size
    if padding > 0 { try output.write([UInt8](repeating: 0, count: padding), at: start + size) }
  }

  private static func blocks(of type: BlockType, count: Int) -> [UInt8] {
    var generator = SplitMix64(seed: UInt64(type.number))
    var blocks = (0..<count * type.bytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    for block in 0..<count {
      for scale in type.scales {
        // F16 numbers from 1/64 to 1/32.
        blocks[block * type.bytes + scale + 1] = 0x24 | blocks[block * type.bytes + scale + 1] & 3
      }
    }
    return blocks
  }

  private static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

  private static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Number(8 * $0)) }
  }
}
