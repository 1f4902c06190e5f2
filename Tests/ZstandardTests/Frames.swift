import Zstandard

/// Bytes without a pattern: SplitMix64.
func randomBytes(_ count: Int, seed: UInt64) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt8(truncatingIfNeeded: (z ^ (z >> 31)) >> 56)
  }
}

extension [UInt8] {
  var memory: RawSpan {
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// One frame with these bytes.
  func compressed(_ effort: Compressor.Effort) throws -> [UInt8] {
    var compressor = try Compressor()
    try compressor.set(effort)
    return try compressor.frame(self)
  }

  /// The content of this frame, which must be `count` bytes.
  func decompressed(_ count: Int) throws -> [UInt8] {
    var decompressor = try Decompressor()
    var content = [UInt8](repeating: 0, count: count)
    var span = content.mutableSpan
    var bytes = unsafe span.mutableBytes
    try decompressor.decompress(memory, into: &bytes)
    return content
  }

  /// What is wrong with this as a frame with `count` bytes of content; nil when nothing is.
  func problem(_ count: Int) -> String? {
    do {
      _ = try decompressed(count)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension Compressor {
  /// One frame with the content.
  mutating func frame(_ content: [UInt8]) throws -> [UInt8] {
    var output = [UInt8](repeating: 0, count: Self.largestFrame(of: content.count))
    var span = output.mutableSpan
    var bytes = unsafe span.mutableBytes
    let size = try compress(content.memory, into: &bytes)
    return Array(output[..<size])
  }
}
