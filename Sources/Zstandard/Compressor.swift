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
  }

  /// Creates a context.
  /// - Throws: ``ZstandardError/outOfMemory``, or ``ZstandardError/library(_:)`` for a level that the library
  ///   refuses.
  package init(_ effort: Effort) throws(ZstandardError) {
    guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
    do throws(ZstandardError) {
      func set(_ parameter: ZSTD_cParameter, _ value: Int) throws(ZstandardError) {
        try check(unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(clamping: value)))
      }
      try set(ZSTD_c_contentSizeFlag, 1)
      try set(ZSTD_c_checksumFlag, 1)
      switch effort {
      case .level(let level): try set(ZSTD_c_compressionLevel, level)
      case .entropyOnly:
        // A table of 64 entries and a minimum of seven bytes find almost no repetition. The window must
        // stay at the size of a block, or the blocks shrink.
        try set(ZSTD_c_compressionLevel, 1)
        try set(ZSTD_c_windowLog, 17)
        try set(ZSTD_c_hashLog, 6)
        try set(ZSTD_c_minMatch, 7)
        // The literal mode is the library's experimental parameter 5, and 1 means to compress always. With it,
        // the search may skip through the whole block at once. A library without this parameter is slower.
        if (try? set(ZSTD_c_experimentalParam5, 1)) != nil { try set(ZSTD_c_targetLength, 131072) }
      }
    } catch {
      unsafe ZSTD_freeCCtx(context)
      throw error
    }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  /// The most bytes of a frame with `byteCount` bytes of content.
  package static func largestFrame(of byteCount: Int) -> Int { ZSTD_compressBound(byteCount) }

  /// Appends one frame with the content of `input` to `output`.
  /// - Returns: The bytes of the frame.
  /// - Throws: ``ZstandardError/library(_:)``. Then `output` is as before.
  package mutating func compress(
    _ input: RawSpan, appendingTo output: inout [UInt8]
  ) throws(ZstandardError) -> Int {
    let bound = Self.largestFrame(of: input.byteCount)
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: bound))
    let size = unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        // The library writes at most `bound` bytes, which lie behind `start`.
        unsafe ZSTD_compress2(
          context, target.baseAddress?.advanced(by: start), bound, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(size) == 0 else {
      output.removeLast(bound)
      throw ZstandardError(code: size)
    }
    output.removeLast(bound - size)
    return size
  }
}

/// Throws the library's error for a result code, if it is one.
private func check(_ code: Int) throws(ZstandardError) {
  guard ZSTD_isError(code) == 0 else { throw ZstandardError(code: code) }
}
