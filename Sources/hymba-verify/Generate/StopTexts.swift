/// Looks for texts that end an answer, in a text that comes in parts.
///
/// A part that may be the beginning of such a text is held back until more is known.
struct StopTexts {
  private let stops: [[UInt8]]
  /// The bytes that are held back.
  private var held: [UInt8] = []
  /// Whether one of the texts was found. Nothing comes out after that.
  private(set) var isFound = false

  /// - Parameter stops: Texts of one character or more.
  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  /// Takes the next part.
  ///
  /// - Returns: What can be shown now. The text that ends the answer is not part of it.
  /// - Complexity: O(length of the part times the lengths of the stops).
  mutating func append(_ part: String) -> String {
    guard !isFound else { return "" }
    held += part.utf8
    let found = stops.compactMap { stop in held.firstIndex(of: stop).map { $0 } }.min()
    isFound = found != nil
    return take(found ?? held.count - heldBack)
  }

  /// What is left at the end.
  mutating func finish() -> String { isFound ? "" : take(held.count) }

  private mutating func take(_ count: Int) -> String {
    defer { held.removeFirst(count) }
    return String(decoding: held[..<count], as: UTF8.self)
  }

  /// The number of bytes at the end with which a stop may begin.
  private var heldBack: Int {
    stops.map { stop in
      let longest = min(stop.count - 1, held.count)
      return stride(from: longest, to: 0, by: -1).first { held.suffix($0).elementsEqual(stop.prefix($0)) } ?? 0
    }.max() ?? 0
  }
}

extension [UInt8] {
  /// The first place at which `other` stands.
  fileprivate func firstIndex(of other: [UInt8]) -> Int? {
    guard other.count <= count else { return nil }
    return (0...count - other.count).first { self[$0..<$0 + other.count].elementsEqual(other) }
  }
}
