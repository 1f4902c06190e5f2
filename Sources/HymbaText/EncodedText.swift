/// The ids of a text, and what of the text has none.
public struct EncodedText: Sendable, Equatable {
  public internal(set) var ids: [Int]
  /// The characters for which the vocabulary has no token, none for unknown characters, and none for their bytes. They are
  /// left out, as by the package. Where ``Tokenizer/isOfBytes`` is true these are bytes.
  public internal(set) var leftOut: Int

  mutating func append(_ other: EncodedText) {
    ids += other.ids
    leftOut += other.leftOut
  }
}
