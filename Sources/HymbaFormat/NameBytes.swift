#if canImport(Glibc)
  import Glibc
#endif

/// Searches in names by their UTF-8 bytes, as ``NameKey`` compares them.
///
/// `contains`, `hasPrefix` and similar functions walk over characters. For a name that takes twenty times as
/// long as reading it from a file.
extension String {
  /// Whether the bytes of `part` occur in the bytes of this text.
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

  /// The text after `prefix`; nil when this text does not begin with it.
  package func utf8Rest(after prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(Substring(utf8.dropFirst(prefix.utf8.count))) : nil
  }

  /// The text before `suffix`; nil when this text does not end with it.
  package func utf8Rest(before suffix: String) -> String? {
    utf8HasSuffix(suffix) ? String(Substring(utf8.dropLast(suffix.utf8.count))) : nil
  }

  /// The parts between the dots, with the empty ones.
  package var dottedParts: [String] {
    utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }
}

extension Span<UInt8> {
  /// The first position of a byte within `range`; nil when it is not there. The corresponding C function is
  /// `memchr`.
  fileprivate func index(of byte: UInt8, in range: Range<Int>) -> Int? {
    unsafe extracting(range).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress,
        // `memchr` reads at most as many bytes as the count says.
        let found = unsafe memchr(start, Int32(byte), bytes.count)
      else { return nil }
      return unsafe range.lowerBound + (UnsafeRawPointer(found) - start)
    }
  }
}
