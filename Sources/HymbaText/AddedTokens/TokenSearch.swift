/// The search for many tokens at once, as a tree of their bytes. At each place the longest token counts.
struct TokenSearch: Sendable {
  private struct Node: Sendable {
    var children: [UInt8: Int32] = [:]
    var id: Int?
  }

  private var nodes = [Node()]
  /// Whether a token begins with a byte. Most places of a text are passed over by this alone.
  private var begins = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { nodes.count == 1 }

  /// Adds a token. Of equal contents, the first counts.
  mutating func insert(_ content: [UInt8], _ id: Int) {
    var node = 0
    if let first = content.first { begins[Int(first)] = true }
    for byte in content {
      if let child = nodes[node].children[byte] {
        node = Int(child)
      } else {
        nodes.append(Node())
        nodes[node].children[byte] = Int32(nodes.count - 1)
        node = nodes.count - 1
      }
    }
    if nodes[node].id == nil { nodes[node].id = id }
  }

  /// The places of the tokens, in order. They do not overlap.
  /// - Complexity: O(*n* · *m*) in the length of the text and of the longest token.
  func matches(in text: [UInt8]) -> [(id: Int, range: Range<Int>)] {
    var found: [(id: Int, range: Range<Int>)] = []
    var start = 0
    while start < text.count {
      if begins[Int(text[start])], let match = longestMatch(in: text, at: start) {
        found.append(match)
        start = match.range.upperBound
      } else {
        start += 1
      }
    }
    return found
  }

  private func longestMatch(in text: [UInt8], at start: Int) -> (id: Int, range: Range<Int>)? {
    var (node, end) = (0, start)
    var longest: (id: Int, range: Range<Int>)?
    while end < text.count, let child = nodes[node].children[text[end]] {
      node = Int(child)
      end += 1
      if let id = nodes[node].id { longest = (id, start..<end) }
    }
    return longest
  }
}
