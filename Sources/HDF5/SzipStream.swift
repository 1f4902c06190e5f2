/// A chunk that szip compressed: how much it decodes to, found by reading its codes without decoding them.
///
/// Neither the decoder nor the HDF5 library says when a stream ends early: the rest of the chunk is then whatever
/// memory held. The format is that of CCSDS 121.0-B: blocks of samples, each behind the number of its code.
struct SzipStream {
  /// What the dataset's header says of the encoder, in its order.
  private let options: Int
  private let blockSamples: Int
  private let lineSamples: Int
  /// Bits and bytes of a sample: large elements are taken apart into bytes.
  private let sampleBits: Int
  private let sampleBytes: Int

  /// nil for settings that are none of szip's.
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

  /// How many bytes `chunk` decodes to.
  /// - Throws: ``HDF5Error/wrongChunk(expected:found:)`` when it holds less than it declares.
  func decodedBytes(of chunk: ArraySlice<UInt8>) throws(HDF5Error) -> Int {
    // The decoded size comes first, in four bytes.
    guard chunk.count >= 4 else { return 0 }
    let declared = chunk.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    // Each line takes whole blocks; what fills up its last one is dropped.
    let line = (lineSamples + blockSamples - 1) / blockSamples * blockSamples
    let wanted = (declared / sampleBytes + lineSamples - 1) / lineSamples * line
    let samples = samples(in: chunk.dropFirst(4), line: line, wanted: wanted)
    let found = (samples / line * lineSamples + min(samples % line, lineSamples)) * sampleBytes
    guard found >= declared else { throw .wrongChunk(expected: declared, found: found) }
    return declared
  }

  /// Samples of the blocks that are whole, up to `wanted`.
  private func samples(in stream: ArraySlice<UInt8>, line: Int, wanted: Int) -> Int {
    var bits = BitReader(bytes: Array(stream))
    var samples = 0
    while samples < wanted, let count = block(&bits, from: samples % line, line: line) {
      samples += count
    }
    return samples
  }

  /// Reads past one block, or a run of empty ones.
  ///
  /// - Parameter start: Where in its line it begins.
  /// - Returns: Its samples; nil when the stream ends within it, or it is of no known form.
  private func block(_ bits: inout BitReader, from start: Int, line: Int) -> Int? {
    let nearestNeighbour = 32
    let predicts = options & nearestNeighbour != 0
    // The first sample of a line stands for itself where others are predicted from those before them.
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
    // The largest sum that a pair has in this form is 12.
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
    // This one says: up to the end of the line, or of a segment of 64 blocks.
    let rest = 4
    let blocks = value == rest ? min(left, 64 - before % 64) : value < rest ? value + 1 : value
    return blocks <= left ? blocks * blockSamples : nil
  }
}

/// Bits of some bytes, the highest of each byte first.
private struct BitReader {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var left: Int { 8 * bytes.count - position }

  /// Whether there were as many.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= left else { return false }
    position += count
    return true
  }

  /// A whole number of a few bits.
  mutating func integer(_ count: Int) -> Int? {
    guard count <= left else { return nil }
    var value = 0
    for _ in 0..<count {
      value = value << 1 | Int(bytes[position / 8] >> UInt8(7 - position % 8) & 1)
      position += 1
    }
    return value
  }

  /// How many zeros come before the next one, which is read too.
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
