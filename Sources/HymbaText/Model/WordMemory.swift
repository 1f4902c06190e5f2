/// The ids of the words of one text. Most words of a text come again, so their ids are kept.
struct WordMemory {
  private let model: BytePairModel
  private var known: [[UInt8]: [Int]] = [:]

  init(_ model: BytePairModel) { self.model = model }

  /// The longest word that is kept, in bytes, and the number of words. Text without spaces has long words that never
  /// come again.
  private static let (longestWord, words) = (256, 10_000)

  /// Appends the ids of a word.
  /// - Throws: ``TokenizerError/unknownTokenMissing(_:)``.
  mutating func append(_ word: [UInt8], to ids: inout [Int]) throws(TokenizerError) {
    guard !word.isEmpty else { return }
    guard word.count <= Self.longestWord else {
      ids += try model.ids(of: word)
      return
    }
    if let found = known[word] {
      ids += found
      return
    }
    let found = try model.ids(of: word)
    if known.count < Self.words { known[word] = found }
    ids += found
  }
}
