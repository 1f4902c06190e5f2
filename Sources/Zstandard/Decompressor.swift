import CZstd

/// A Zstandard decompression context.
@safe public struct Decompressor: ~Copyable {
  private let context: OpaquePointer

  /// - Throws: ``ZstandardError/outOfMemory``.
  public init() throws(ZstandardError) {
    guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Decodes `frame` and checks its checksum; its content must fill `output` exactly.
  ///
  /// Nothing beyond `output` is written, whatever the frame declares.
  /// - Throws: what the library found wrong, or ``ZstandardError/wrongSize(expected:found:)``.
  public mutating func decompress(
    _ frame: RawSpan, into output: inout MutableRawSpan
  ) throws(ZstandardError) {
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
}
