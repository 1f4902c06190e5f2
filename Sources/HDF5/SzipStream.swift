/// Finds the number of bytes that a chunk compressed by szip decodes to. It reads the codes without decoding
/// the samples.
///
/// Neither the decoder nor the HDF5 library reports a stream that ends early: the rest of the chunk is then
/// whatever was in memory. The format is that of CCSDS 121.0-B: blocks of samples, each after the number of
/// its code.
struct SzipStream {
  /// The encoder's options. These and the next two are settings from the dataset's header.
  private let options: Int
  private let blockSamples: Int
  private let lineSamples: Int
  /// The bits and the bytes of a sample. Elements of more than 24 bits are split into samples of one byte.
  private let sampleBits: Int
  private let sampleBytes: Int

  /// Makes a reader for streams with these settings; nil when they are no settings of szip.
  init?(settings: [UInt32]) {
    guard settings.count >= 4 else { return nil }
    self.options = Int(settings[0])
    self.blockSamples = Int(settings[1])
    let bits = Int(settings[2])
    self.lineSamples = Int(settings[3])
    guard blockSamples > 0, blockSamples.isMultiple(of: 2), lineSamples > 0, bits > 0 else {
      return nil
    }
    self.sampleBits = bits > 24 ? 8 : bits
    self.sampleBytes = sampleBits > 16 ? 4 : sampleBits > 8 ? 2 : 1
  }

  /// The number of bytes that `chunk` decodes to.
  /// - Throws: ``HDF5Error/wrongChunk(expected:found:)`` when the chunk holds less than it declares.
  /// - Complexity: Reads the chunk once.
  func decodedBytes(of chunk: ArraySlice<UInt8>) throws(HDF5Error) -> Int {
    // The chunk begins with the decoded size, in four bytes.
    guard chunk.count >= 4 else { return 0 }
    let declared = chunk.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    // A line has whole blocks. The samples that fill up its last block are dropped.
    let line = (lineSamples + blockSamples - 1) / blockSamples * blockSamples
    let wanted = (declared / sampleBytes + lineSamples - 1) / lineSamples * line
    let samples = samples(in: chunk.dropFirst(4), line: line, wanted: wanted)
    let found = (samples / line * lineSamples + min(samples % line, lineSamples)) * sampleBytes
    guard found >= declared else { throw .wrongChunk(expected: declared, found: found) }
    return declared
  }

  /// The number of samples in complete blocks. Counting stops at `wanted`.
  private func samples(in stream: ArraySlice<UInt8>, line: Int, wanted: Int) -> Int {
    var bits = BitReader(bytes: Array(stream))
    var samples = 0
    while samples < wanted, let count = block(&bits, from: samples % line, line: line) {
      samples += count
    }
    return samples
  }

  /// Reads past one block, or past a run of empty blocks.
  ///
  /// - Parameter start: The place in its line where the block begins, in samples.
  /// - Returns: The number of its samples; nil when the stream ends within it, or its form is unknown.
  private func block(_ bits: inout BitReader, from start: Int, line: Int) -> Int? {
    let nearestNeighbour = 32
    let predicts = options & nearestNeighbour != 0
    // With prediction, the first sample of a line is stored as it is, because none is before it.
    let reference = predicts && start == 0 ? 1 : 0
    let codeBits = sampleBits > 16 ? 5 : sampleBits > 8 ? 4 : 3
    guard let code = bits.integer(codeBits) else { return nil }
    switch code {
    case 0:
      guard let isPairs = bits.integer(1), bits.skip(reference * sampleBits) else { return nil }
      return isPairs == 1 ? pairs(&bits) : emptyBlocks(&bits, from: start, line: line)
    case 1 << codeBits - 1:
      return bits.skip(blockSamples * sampleBits) ? blockSamples : nil
    default:
      guard bits.skip(reference * sampleBits) else { return nil }
      for _ in reference..<blockSamples where bits.unary() == nil { return nil }
      return bits.skip((blockSamples - reference) * (code - 1)) ? blockSamples : nil
    }
  }

  private func pairs(_ bits: inout BitReader) -> Int? {
    // In this form, the sum of a pair is at most 12, and so the code at most 12 · 13 / 2 + 12 = 90.
    let most = 90
    for _ in 0..<blockSamples / 2 {
      guard let value = bits.unary(), value <= most else { return nil }
    }
    return blockSamples
  }

  private func emptyBlocks(_ bits: inout BitReader, from start: Int, line: Int) -> Int? {
    guard let value = bits.unary() else { return nil }
    let before = start / blockSamples
    let left = line / blockSamples - before
    // This value means: all blocks up to the end of the line, or of a segment of 64 blocks.
    let rest = 4
    let blocks = value == rest ? min(left, 64 - before % 64) : value < rest ? value + 1 : value
    return blocks <= left ? blocks * blockSamples : nil
  }
}

/// Reads the bits of some bytes, the highest bit of each byte first.
private struct BitReader {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var left: Int { 8 * bytes.count - position }

  /// Skips `count` bits.
  /// - Returns: Whether there were so many.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= left else { return false }
    position += count
    return true
  }

  /// Reads an unsigned integer of `count` bits; nil when there are not so many.
  mutating func integer(_ count: Int) -> Int? {
    guard count <= left else { return nil }
    var value = 0
    for _ in 0..<count {
      value = value << 1 | Int(bytes[position / 8] >> UInt8(7 - position % 8) & 1)
      position += 1
    }
    return value
  }

  /// Reads the zero bits up to the next one bit, and that bit.
  /// - Returns: The number of zero bits; nil when no one bit follows.
  mutating func unary() -> Int? {
    let start = position
    while left > 0 {
      let zeros = (bytes[position / 8] << UInt8(position % 8)).leadingZeroBitCount
      let inByte = 8 - position % 8
      guard zeros >= inByte else {
        position += zeros + 1
        return position - start - 1
      }
      position += inByte
    }
    return nil
  }
}
