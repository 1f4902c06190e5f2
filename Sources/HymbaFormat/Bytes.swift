// An array of bytes may safely be seen as raw memory, because every byte pattern is a valid byte. The compiler
// cannot know that of `span.bytes` in general, so the unsafe calls are here, once.

extension [UInt8] {
  /// The bytes as raw memory.
  package var raw: RawSpan {
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// Makes an array of `count` bytes. `fill` must write all of them.
  ///
  /// The bytes are not zeroed first: for large buffers that would cost as much as filling them.
  package init<Failure: Error>(
    count: Int, fill: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    try unsafe self.init(unsafeUninitializedCapacity: count) {
      (buffer, initialized) throws(Failure) in
      var bytes = unsafe MutableRawSpan(
        _unsafeBytes: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
      try fill(&bytes)
      initialized = count
    }
  }

  /// Lets `body` write the bytes of `range`, which lies within the array.
  package mutating func withMutableBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var span = mutableSpan
    var bytes = unsafe span.mutableBytes
    var part = bytes._mutatingExtracting(range)
    try body(&part)
  }

  /// Makes the array have at least `count` bytes, for a buffer that is used again. Those that it had may be lost.
  mutating func grow(to count: Int) {
    if self.count < count { self = [UInt8](repeating: 0, count: count) }
  }
}
