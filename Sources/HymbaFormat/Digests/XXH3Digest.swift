import CXXHash

/// An XXH3 digest of 128 bits, in the library's canonical (big-endian) form.
public struct XXH3Digest: Hashable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// Parses 32 lower-case hexadecimal digits; nil for anything else.
  public init?(hexadecimal: String) {
    guard let bytes = [UInt8](hexadecimal: hexadecimal), bytes.count == 16 else { return nil }
    func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
  }

  fileprivate init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The digest as 32 lower-case hexadecimal digits.
  public var description: String {
    [high, low].flatMap { littleEndian($0).reversed() }.hexadecimal
  }
}

extension XXH3Digest {
  /// The XXH3 of 64 bits, for data that is compared within the program and never stored.
  package static func word(of data: RawSpan) -> UInt64 {
    unsafe data.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
  }
}

/// Computes XXH3-128 over data that comes in pieces. One thread at a time owns a hasher; it may be passed to
/// another thread.
@safe package struct XXH3Hasher: ~Copyable, @unchecked Sendable {
  private let state: OpaquePointer

  /// - Throws: ``FormatError/cannotRead(_:)`` when there is no memory for the state.
  init() throws(FormatError) {
    guard let state = unsafe XXH3_createState() else { throw .cannotRead("out of memory") }
    unsafe XXH3_128bits_reset(state)
    unsafe self.state = state
  }

  deinit { unsafe XXH3_freeState(state) }

  package mutating func update(_ data: RawSpan) {
    unsafe data.withUnsafeBytes { bytes in
      _ = unsafe XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest of all data since the last call of `finalize`.
  mutating func finalize() -> XXH3Digest {
    let hash = unsafe XXH3_128bits_digest(state)
    unsafe XXH3_128bits_reset(state)
    return XXH3Digest(high: hash.high64, low: hash.low64)
  }
}
