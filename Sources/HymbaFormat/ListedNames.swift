/// A list of names in a message: `a, b and 5 more`.
///
/// - Parameters:
///   - names: One name or more.
///   - most: The most names that are told.
package func listed(_ names: [String], most: Int = 4) -> String {
  // One name takes no more room than the number.
  let shown = names.count > most + 1 ? Array(names.prefix(most)) : names
  let rest = names.count > shown.count ? "\(names.count - shown.count) more" : nil
  let parts = shown.map(\.printable) + [rest].compactMap(\.self)
  guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
  return "\(parts.dropLast().joined(separator: ", ")) and \(last)"
}
