#if canImport(Glibc)
  import Glibc
#endif

/// Names looked at as the bytes that they are, as ``NameKey`` compares them.
///
/// `contains`, `hasPrefix` and their like walk over characters, and take twenty times as long for a name as
/// reading it from a file does.
extension String {
  /// Whether the bytes of `part` occur in these.
  /// - Complexity: O(*n* · *m*), and O(*n*) where the first byte of `part` is rare.
  package func utf8Contains(_ part: String) -> Bool {
    let (text, part) = (utf8Span.span, part.utf8Span.span)
    guard let last = part.indices.last else { return true }
    guard text.count > last else { return false }
    var start = 0
    while let found = text.index(of: part[0], in: start..<(text.count - last)) {
      var index = 1
      while index <= last, text[found + index] == part[index] { index += 1 }
      if index > last { return true }
      start = found + 1
    }
    return false
  }

  package func utf8HasSuffix(_ suffix: String) -> Bool {
    utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// What follows `prefix`; nil when this does not begin with it.
  package func utf8Rest(after prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(Substring(utf8.dropFirst(prefix.utf8.count))) : nil
  }

  /// What precedes `suffix`; nil when this does not end with it.
  package func utf8Rest(before suffix: String) -> String? {
    utf8HasSuffix(suffix) ? String(Substring(utf8.dropLast(suffix.utf8.count))) : nil
  }

  /// The parts between dots, the empty ones too.
  package var dottedParts: [String] {
    utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }
}

extension Span<UInt8> {
  /// The first place of a byte within `range`. The corresponding C function is `memchr`.
  fileprivate func index(of byte: UInt8, in range: Range<Int>) -> Int? {
    unsafe extracting(range).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress,
        // Looks no further than the count says.
        let found = unsafe memchr(start, Int32(byte), bytes.count)
      else { return nil }
      return unsafe range.lowerBound + (UnsafeRawPointer(found) - start)
    }
  }
}
