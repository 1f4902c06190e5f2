import CZstd

/// A Zstandard decompression context. One thread at a time owns it; it may be passed to another thread.
@safe package struct Decompressor: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer

  /// Creates a context.
  /// - Parameter comparesChecksums: Whether the checksum of the content is compared. It takes a fifth of the time of
  ///   decoding, and a caller that compares the frames with a digest of theirs does not need it. A library without the
  ///   experimental parameter 3, which is this choice, compares it always.
  /// - Throws: ``ZstandardError/outOfMemory``.
  package init(comparesChecksums: Bool = true) throws(ZstandardError) {
    guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    if !comparesChecksums { _ = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_experimentalParam3, 1) }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Decodes `frame`, which must be exactly one frame, and compares its checksum unless the context does not. The
  /// content must fill `output` exactly.
  ///
  /// Nothing beyond `output` is written, whatever the frame declares.
  /// - Throws: ``ZstandardError/library(_:)``, ``ZstandardError/notOneFrame``, or
  ///   ``ZstandardError/wrongSize(expected:found:)``.
  package mutating func decompress(
    _ frame: RawSpan, into output: inout MutableRawSpan
  ) throws(ZstandardError) {
    let frameBytes = unsafe frame.withUnsafeBytes {
      unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
    }
    guard ZSTD_isError(frameBytes) == 0 else { throw ZstandardError(code: frameBytes) }
    // A frame that the library measured has at least the four bytes of its magic number.
    let magic = UInt32(littleEndian: unsafe frame.unsafeLoadUnaligned(as: UInt32.self))
    guard magic == ZSTD_MAGICNUMBER, frameBytes == frame.byteCount else { throw .notOneFrame }

    let expected = output.byteCount
    let size = unsafe frame.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe ZSTD_decompressDCtx(
          context, target.baseAddress, target.count, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(size) == 0 else { throw ZstandardError(code: size) }
    guard size == expected else { throw .wrongSize(expected: expected, found: size) }
  }

  /// The bytes that a frame says it holds; nil where it does not say, or is no frame.
  package static func contentBytes(of frame: RawSpan) -> Int? {
    // The library's codes for both are no sizes of anything: they are negative as signed numbers.
    Int(exactly: unsafe frame.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) })
  }
}
