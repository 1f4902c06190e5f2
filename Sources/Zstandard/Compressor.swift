import CZstd

/// A Zstandard compression context. Each call makes one frame without a dictionary. The frame has its content
/// size and a checksum of the content.
@safe package struct Compressor: ~Copyable {
  private let context: OpaquePointer

  /// What the compressor searches for, and how long.
  package enum Effort: Sendable {
    /// A level of the library: 1 is fast, 19 makes the smallest frames.
    case level(Int)
    /// Entropy coding only. On the exponents of trained weights, a search for repetitions costs time and makes
    /// the result larger: 33.0 % of the size at 0.95 GB/s against 36.7 % at 0.3 GB/s with level 1.
    case entropyOnly
    /// Next to nothing: bytes are stored as they are, unless a repetition is found in passing.
    case stored
  }

  /// Creates a context. An effort must be set before it compresses.
  /// - Throws: ``ZstandardError/outOfMemory``.
  package init() throws(ZstandardError) {
    guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  /// Sets what the following frames are compressed with.
  /// - Throws: ``ZstandardError/library(_:)`` for a level that the library refuses.
  package mutating func set(_ effort: Effort) throws(ZstandardError) {
    try check(unsafe ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters))
    try set(ZSTD_c_contentSizeFlag, 1)
    try set(ZSTD_c_checksumFlag, 1)
    switch effort {
    case .level(let level): try set(ZSTD_c_compressionLevel, level)
    case .entropyOnly: try skipSearch(literals: 1)
    case .stored: try skipSearch(literals: 2)
    }
  }

  /// Makes the library search for almost no repetition: with a table of 64 entries and a minimum of seven bytes. The
  /// window must stay at the size of a block, or the blocks shrink.
  /// - Parameter literals: The literal mode, which is the library's experimental parameter 5: 1 means to compress
  ///   always, 2 never. With it, the search may skip through the whole block at once. A library without this
  ///   parameter is slower.
  private mutating func skipSearch(literals: Int) throws(ZstandardError) {
    try set(ZSTD_c_compressionLevel, 1)
    try set(ZSTD_c_windowLog, 17)
    try set(ZSTD_c_hashLog, 6)
    try set(ZSTD_c_minMatch, 7)
    if (try? set(ZSTD_c_experimentalParam5, literals)) != nil { try set(ZSTD_c_targetLength, 131072) }
  }

  private mutating func set(_ parameter: ZSTD_cParameter, _ value: Int) throws(ZstandardError) {
    try check(unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(clamping: value)))
  }

  /// The most bytes of a frame with `byteCount` bytes of content.
  package static func largestFrame(of byteCount: Int) -> Int { ZSTD_compressBound(byteCount) }

  /// Writes one frame with the content of `input` to the beginning of `output`.
  /// - Parameters:
  ///   - input: The content.
  ///   - output: Room for ``largestFrame(of:)`` bytes. It need not be initialised to anything.
  /// - Returns: The bytes of the frame.
  /// - Throws: ``ZstandardError/library(_:)``, also where `output` has too little room.
  package mutating func compress(
    _ input: RawSpan, into output: inout MutableRawSpan
  ) throws(ZstandardError) -> Int {
    let size = unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        // The library writes at most as many bytes as the target has.
        unsafe ZSTD_compress2(context, target.baseAddress, target.count, source.baseAddress, source.count)
      }
    }
    try check(size)
    return size
  }
}

/// Throws the library's error for a result code, if it is one.
func check(_ code: Int) throws(ZstandardError) {
  guard ZSTD_isError(code) == 0 else { throw ZstandardError(code: code) }
}
