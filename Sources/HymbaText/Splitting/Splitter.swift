/// A part of a text on its way to becoming tokens.
struct Piece: Sendable {
  /// UTF-8.
  var text: [UInt8]
  /// Whether this is the beginning of the whole text, in front of which some models put a space.
  var isFirst: Bool

  func part(_ range: Range<Int>) -> Piece {
    Piece(text: Array(text[range]), isFirst: isFirst && range.lowerBound == 0)
  }
}

/// How a text is split into words before pairs are merged, which is what a file calls its pre-tokenizer.
struct Splitter: Sendable {
  /// In the order in which they are applied.
  let steps: [SplittingStep]

  /// Splits every piece. No part is empty.
  /// - Throws: ``TokenizerError/patternTakesTooLong(_:)``.
  func split(_ pieces: [Piece]) throws(TokenizerError) -> [Piece] {
    var pieces = pieces
    for step in steps {
      var parts: [Piece] = []
      for piece in pieces where !piece.text.isEmpty { try step.split(piece, into: &parts) }
      pieces = parts
    }
    return pieces
  }
}

/// One way to split a text.
enum SplittingStep: Sendable {
  case byteLevel(addPrefixSpace: Bool, words: RegularExpression?)
  case metaspace(Metaspace, splits: Bool)
  case split(Pattern, SplitBehavior, inverted: Bool)
  case digits(individual: Bool)
  /// Words and other signs, without the space between them.
  case whitespace
  case whitespaceSplit
  case punctuation(SplitBehavior)

  fileprivate func split(_ piece: Piece, into parts: inout [Piece]) throws(TokenizerError) {
    var piece = piece
    let ranges: [Range<Int>]
    switch self {
    case .byteLevel(let addPrefixSpace, let words):
      if addPrefixSpace, piece.text.first != UInt8(ascii: " ") { piece.text.insert(UInt8(ascii: " "), at: 0) }
      guard let words else {
        parts.append(Piece(text: ByteAlphabet.text(of: piece.text[...]), isFirst: piece.isFirst))
        return
      }
      for stretch in [Stretch](try words.matches(in: piece.text), in: piece.text) where !stretch.range.isEmpty {
        parts.append(
          Piece(
            text: ByteAlphabet.text(of: piece.text[stretch.range]),
            isFirst: piece.isFirst && stretch.range.lowerBound == 0))
      }
      return
    case .metaspace(let space, let splits):
      piece.text = space.marking(piece)
      guard splits else {
        parts.append(piece)
        return
      }
      ranges = SplitBehavior.mergedWithNext.parts(
        of: [Stretch](Pattern.places(of: space.mark, in: piece.text), in: piece.text))
    case .split(let pattern, let behavior, let inverted):
      ranges = behavior.parts(
        of: [Stretch](try pattern.matches(in: piece.text), in: piece.text, inverted: inverted))
    case .digits(let individual):
      let behavior: SplitBehavior = individual ? .isolated : .contiguous
      ranges = behavior.parts(of: [Stretch](of: piece.text, where: \.isNumeral))
    case .whitespace: ranges = Self.wordsAndSigns(piece.text)
    case .whitespaceSplit:
      ranges = SplitBehavior.removed.parts(of: [Stretch](of: piece.text, where: \.properties.isWhitespace))
    case .punctuation(let behavior):
      ranges = behavior.parts(of: [Stretch](of: piece.text, where: \.isPunctuation))
    }
    for range in ranges where !range.isEmpty { parts.append(piece.part(range)) }
  }

  /// The runs of letters, digits and underscores, and the runs of what is neither these nor white space.
  private static func wordsAndSigns(_ text: [UInt8]) -> [Range<Int>] {
    enum Kind { case word, sign, space }
    var runs: [Range<Int>] = []
    var last = Kind.space
    var scalars = Scalars(text)
    while let (scalar, range) = scalars.next() {
      let kind: Kind = scalar.isWordCharacter ? .word : scalar.properties.isWhitespace ? .space : .sign
      if kind != .space {
        if kind == last {
          runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<range.upperBound
        } else {
          runs.append(range)
        }
      }
      last = kind
    }
    return runs
  }
}
