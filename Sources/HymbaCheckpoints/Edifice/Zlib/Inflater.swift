import CZlib

/// Owns the state of zlib's `inflate`. All calls that use this state are here.
@safe struct Inflater: ~Copyable {
  /// The stream's state. zlib keeps a pointer to it, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Where the zlib stream begins in the file, for messages.
  private let start: Int
  /// Whether the stream is complete and its Adler-32 is right.
  private(set) var isAtEnd = false

  /// The most bytes of input or output in one call: zlib counts both in 32 bits.
  private static let stepBytes = 1 << 30

  /// The corresponding C function is `inflateInit`.
  init(at start: Int) throws(EdificeError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit_(stream, ZLIB_VERSION, size) == Z_OK else {
      unsafe stream.deallocate()
      throw .zlib(.outOfMemory, at: start)
    }
    unsafe self.stream = stream
    self.start = start
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Inflates once: reads from the beginning of `input`, and writes to `output` from byte `offset` on. The
  /// corresponding C function is `inflate`.
  /// - Returns: How many bytes were read and written. Both are 0 when zlib needs more input or more room.
  mutating func inflate(
    _ input: ArraySlice<UInt8>, into output: inout MutableRawSpan, from offset: Int
  ) throws(EdificeError) -> (consumed: Int, produced: Int) {
    let inputBytes = min(input.count, Self.stepBytes)
    let outputBytes = min(output.byteCount - offset, Self.stepBytes)
    let status = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output in
        // zlib reads and writes no more bytes than the counts say. Both pointers are set to nil after the call.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        unsafe stream.pointee.avail_in = UInt32(inputBytes)
        unsafe stream.pointee.next_out = output.baseAddress?.advanced(by: offset)
          .assumingMemoryBound(to: Bytef.self)
        unsafe stream.pointee.avail_out = UInt32(outputBytes)
        return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      }
    }
    let consumed = unsafe inputBytes - Int(stream.pointee.avail_in)
    let produced = unsafe outputBytes - Int(stream.pointee.avail_out)
    unsafe stream.pointee.next_in = nil
    unsafe stream.pointee.next_out = nil
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isAtEnd = true
    case Z_NEED_DICT: throw .zlib(.damaged("it needs a dictionary"), at: start)
    case Z_MEM_ERROR: throw .zlib(.outOfMemory, at: start)
    default: throw .zlib(.damaged(reason), at: start)
    }
    return (consumed, produced)
  }

  /// zlib's message, a constant string of the library.
  private var reason: String {
    guard let text = unsafe stream.pointee.msg else { return "zlib does not say how" }
    return unsafe String(cString: text)
  }
}
