/// The visible mark, often `▁`, that some models have in place of a space.
struct Metaspace: Sendable {
  /// Where a mark is put that no space stood for. The raw values are those of the file.
  enum Prepending: String, Sendable { case first, never, always }

  /// The mark as UTF-8.
  let mark: [UInt8]
  let prepending: Prepending

  /// The text with marks for spaces. One is put in front, unless there is one already.
  func marking(_ piece: Piece) -> [UInt8] {
    let space = UInt8(ascii: " ")
    var text: [UInt8] = []
    text.reserveCapacity(piece.text.count + mark.count)
    let isPrepended =
      switch prepending {
      case .always: true
      case .first: piece.isFirst
      case .never: false
      }
    if isPrepended, piece.text.first != space, !piece.text.starts(with: mark) { text += mark }
    for byte in piece.text {
      if byte == space { text += mark } else { text.append(byte) }
    }
    return text
  }
}
