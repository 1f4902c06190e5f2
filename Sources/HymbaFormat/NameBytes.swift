/// Names looked at as the bytes that they are, as ``NameKey`` compares them.
///
/// `contains`, `hasPrefix` and their like walk over characters, and take twenty times as long for a name as
/// reading it from a file does.
extension String {
  /// Whether the bytes of `part` occur in these.
  /// - Complexity: O(*n* · *m*), and O(*n*) where the first byte of `part` is rare.
  public func utf8Contains(_ part: String) -> Bool {
    let (text, part) = (utf8Span.span, part.utf8Span.span)
    guard let last = part.indices.last else { return true }
    guard text.count > last else { return false }
    let first = part[0]
    for start in 0..<(text.count - last) where text[start] == first {
      var index = 1
      while index <= last, text[start + index] == part[index] { index += 1 }
      if index > last { return true }
    }
    return false
  }

  public func utf8HasSuffix(_ suffix: String) -> Bool {
    utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// What follows `prefix`; nil when this does not begin with it.
  public func utf8Rest(after prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(Substring(utf8.dropFirst(prefix.utf8.count))) : nil
  }

  /// What precedes `suffix`; nil when this does not end with it.
  public func utf8Rest(before suffix: String) -> String? {
    utf8HasSuffix(suffix) ? String(Substring(utf8.dropLast(suffix.utf8.count))) : nil
  }

  /// The parts between dots, the empty ones too.
  public var dottedParts: [String] {
    utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }
}
