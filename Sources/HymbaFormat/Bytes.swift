// Every byte pattern is a valid byte, so seeing an array of bytes as raw memory is safe; the compiler
// cannot know that of `span.bytes` in general. These few lines say it once.

extension [UInt8] {
  /// The bytes as raw memory.
  package var raw: RawSpan {
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// `count` bytes that `fill` writes, all of them; they are not zeroed first, which for large buffers costs
  /// as much as filling them.
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

  /// Lets `body` write the bytes of `range`.
  package mutating func withMutableBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var span = mutableSpan
    var bytes = unsafe span.mutableBytes
    var part = bytes._mutatingExtracting(range)
    try body(&part)
  }
}
