/// Whose rules a JSON text follows.
package enum JSONDialect: Sendable {
  /// RFC 8259, and no key twice in an object: what headers, manifests and documents of this project follow.
  case strict
  /// What Python's `json` reads, which writes the configurations of others: also `NaN`, `Infinity`, `-Infinity`,
  /// numbers beyond a Double as infinite, a byte order mark in front, of a key that is repeated the last value, and
  /// an escaped half of a surrogate pair, which becomes U+FFFD, as no string here can have it.
  case python
}
