import COnig
import HymbaFormat

/// A pattern that Oniguruma compiled. The package uses the same library, so that both match the same.
///
/// Every call of Oniguruma is in this type. A compiled pattern is not changed by a search, so that threads can share it.
@safe final class RegularExpression: @unchecked Sendable {
  let pattern: String
  private let regex: OnigRegex

  private static let isReady = conig_initialize() == ONIG_NORMAL

  /// - Throws: ``TokenizerError/pattern(_:_:)``.
  init(_ pattern: String) throws(TokenizerError) {
    guard pattern.utf8.count <= Limits.patternBytes else {
      throw .pattern(pattern, "it has more than \(Limits.patternBytes) bytes")
    }
    guard Self.isReady else { throw .pattern(pattern, "Oniguruma does not start") }
    var regex: OnigRegex?
    var details = unsafe OnigErrorInfo()
    // Oniguruma copies what it needs of the pattern. The zero makes sure that there is an address.
    let code = unsafe conig_new(&regex, Array(pattern.utf8) + [0], pattern.utf8.count, &details)
    guard code == ONIG_NORMAL, let regex = unsafe regex else {
      throw .pattern(pattern, unsafe Self.text(of: code, &details))
    }
    self.pattern = pattern
    unsafe self.regex = regex
  }

  deinit { unsafe onig_free(regex) }

  private static func text(of code: Int32, _ details: inout OnigErrorInfo) -> String {
    var text = [UInt8](repeating: 0, count: Int(ONIG_MAX_ERROR_MESSAGE_LEN))
    let count = unsafe conig_error_text(&text, code, &details)
    return String(decoding: text.prefix(Int(count)), as: UTF8.self)
  }
}

extension RegularExpression {
  /// The limits of one search: the steps back that it may take, which is Oniguruma's own default, and the places
  /// to go back to that it may keep, of which a long word needs one for each letter.
  private static let (retries, places): (UInt, UInt32) = (10_000_000, 8_000_000)

  /// The time that all searches in a text may take together. It is looked at between two searches: a search through a
  /// part of the text has other results, as what a pattern looks ahead to ends with that part. A pattern can be made to look through the whole text from
  /// every place in it. The patterns of released files take a hundredth of this.
  private static func patience(for byteCount: Int) -> Duration {
    .seconds(10) + .microseconds(10 * byteCount)
  }

  /// The matches in a text that is UTF-8, in order.
  ///
  /// An empty match right behind another one does not count, as in the package.
  /// - Throws: ``TokenizerError/patternTakesTooLong(_:)``, ``TokenizerError/patternKeepsTooMuch(_:)``, and
  ///   ``TokenizerError/pattern(_:_:)`` for one whose matches overlap, as `\K` in a lookbehind makes them.
  func matches(in text: [UInt8]) throws(TokenizerError) -> [Range<Int>] {
    var found: [Range<Int>] = []
    guard !text.isEmpty else { return found }
    let region = unsafe onig_region_new()
    let limits = unsafe onig_new_match_param()
    defer {
      unsafe onig_region_free(region, 1)
      unsafe onig_free_match_param(limits)
    }
    unsafe onig_initialize_match_param(limits)
    _ = unsafe onig_set_retry_limit_in_match_of_match_param(limits, Self.retries)
    _ = unsafe onig_set_retry_limit_in_search_of_match_param(limits, Self.retries)
    _ = unsafe onig_set_match_stack_limit_size_of_match_param(limits, Self.places)
    let end = ContinuousClock.now + Self.patience(for: text.count)
    var start = 0
    var lastEnd: Int?
    while start <= text.count {
      if ContinuousClock.now > end { throw .patternTakesTooLong(pattern) }
      // The search reads between the two ends of the text alone.
      let place = unsafe text.withUnsafeBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return Int32(ONIG_MISMATCH) }
        let last = unsafe first + bytes.count
        return unsafe onig_search_with_param(
          regex, first, last, first + start, last, region, ONIG_OPTION_NONE, limits)
      }
      if place == ONIG_MISMATCH { break }
      guard place != ONIGERR_MATCH_STACK_LIMIT_OVER else { throw .patternKeepsTooMuch(pattern) }
      guard place >= 0, let region = unsafe region else { throw .patternTakesTooLong(pattern) }
      // After a match the region has at least the place of the whole match.
      let (lower, upper) = unsafe (Int(region.pointee.beg[0]), Int(region.pointee.end[0]))
      guard lower >= lastEnd ?? 0, upper >= lower else { throw .pattern(pattern, "its matches overlap") }
      let match = lower..<upper
      if match.isEmpty, lastEnd == match.upperBound {
        start += Scalars.length(in: text, at: start)
      } else {
        found.append(match)
        start = match.upperBound
        lastEnd = start
      }
    }
    return found
  }
}
