extension StringProtocol {
  /// The text with a dot for every slash, also for a slash that a combining mark follows.
  package var dotted: String {
    String(
      decoding: utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }, as: UTF8.self)
  }
}
