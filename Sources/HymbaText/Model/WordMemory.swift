/// The ids of the words of one text. Most words of a text come again, so their ids are kept.
struct WordMemory {
  private let model: BytePairModel
  private var known: [[UInt8]: EncodedText] = [:]

  init(_ model: BytePairModel) { self.model = model }

  /// The longest word that is kept, in bytes, and the number of words. Text without spaces has long words that never
  /// come again.
  private static let (longestWord, words) = (256, 10_000)

  /// Appends the ids of a word.
  /// - Throws: ``TokenizerError/unknownTokenMissing(_:)``.
  mutating func append(_ word: [UInt8], to text: inout EncodedText) throws(TokenizerError) {
    guard !word.isEmpty else { return }
    guard word.count <= Self.longestWord else { return text.append(try model.encoded(word)) }
    if let found = known[word] { return text.append(found) }
    let found = try model.encoded(word)
    if known.count < Self.words { known[word] = found }
    text.append(found)
  }
}
