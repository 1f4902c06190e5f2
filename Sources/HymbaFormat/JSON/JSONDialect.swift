/// The rules that a JSON text follows.
package enum JSONDialect: Sendable {
  /// RFC 8259, with no key twice in an object. The headers, manifests and documents of this project follow it.
  case strict
  /// What Python's `json` reads, as it writes the configurations of other programs. Besides RFC 8259:
  /// - `NaN`, `Infinity` and `-Infinity`;
  /// - numbers that are too large for a Double, which become infinite;
  /// - a byte order mark in front;
  /// - a repeated key, whose last value counts;
  /// - an escaped half of a surrogate pair, which becomes U+FFFD, because no Swift string can have it.
  case python
}
