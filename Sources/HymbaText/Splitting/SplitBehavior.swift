/// A part of a text: a match of what the text is split at, or what lies between two matches.
struct Stretch {
  var range: Range<Int>
  let isMatch: Bool
}

/// What becomes of the places at which a text is split. The raw values are those of the file.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// The parts of a text.
  /// - Parameter stretches: The whole text in order. Matches may lie side by side.
  func parts(of stretches: [Stretch]) -> [Range<Int>] {
    switch self {
    case .removed: stretches.filter { !$0.isMatch }.map(\.range)
    case .isolated: stretches.map(\.range)
    case .contiguous: Self.joined(stretches) { $0.isMatch == $1 }
    case .mergedWithPrevious: Self.joined(stretches) { $0.isMatch && !$1 }
    case .mergedWithNext:
      Self.joined(stretches.reversed()) { $0.isMatch && !$1 }.reversed()
    }
  }

  /// Joins each stretch with the part before it, where `joins` says so of the stretch and of whether the one before is a match.
  /// Nothing before the first counts as no match.
  private static func joined(
    _ stretches: some Sequence<Stretch>, where joins: (Stretch, Bool) -> Bool
  ) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var wasMatch = false
    for stretch in stretches {
      if let last = parts.last, joins(stretch, wasMatch) {
        parts[parts.count - 1] =
          min(last.lowerBound, stretch.range.lowerBound)..<max(last.upperBound, stretch.range.upperBound)
      } else {
        parts.append(stretch.range)
      }
      wasMatch = stretch.isMatch
    }
    return parts
  }
}

extension [Stretch] {
  /// A whole text, by the matches in it.
  init(_ matches: [Range<Int>], in text: [UInt8], inverted: Bool = false) {
    self = []
    var start = 0
    for match in matches {
      if start != match.lowerBound { append(Stretch(range: start..<match.lowerBound, isMatch: inverted)) }
      append(Stretch(range: match, isMatch: !inverted))
      start = match.upperBound
    }
    if start != text.count { append(Stretch(range: start..<text.count, isMatch: inverted)) }
  }

  /// A whole text, in which every character for which `isMatch` is true is a match by itself.
  init(of text: [UInt8], where isMatch: (Unicode.Scalar) -> Bool) {
    var matches: [Range<Int>] = []
    var scalars = Scalars(text)
    while let (scalar, range) = scalars.next() {
      if isMatch(scalar) { matches.append(range) }
    }
    self.init(matches, in: text)
  }
}
