import HymbaFormat

extension PickleObjects {
  /// A dictionary's key as a part of a tensor's name: a text as it is, everything else as Python writes it.
  func name(ofKey key: PickleValue) -> String {
    guard case .text(let text) = key else {
      var room = Limits.nameBytes
      return literal(key, &room)
    }
    // What is too long for a tensor's name need not be carried further than its refusal.
    return texts[text].utf8.count <= Limits.nameBytes
      ? texts[text]
      : String(decoding: texts[text].utf8.prefix(Limits.nameBytes + 1), as: UTF8.self)
  }

  /// - Parameter room: Bytes that the whole may still take. Tuples that hold each other many times would have
  ///   no end.
  private func literal(_ value: PickleValue, _ room: inout Int) -> String {
    let literal: String
    switch value {
    case .none: literal = "None"
    case .bool(let value): literal = value ? "True" : "False"
    case .integer(let value): literal = "\(value)"
    case .float(let value): literal = "\(value)"
    case .text(let text): literal = "'\(texts[text].utf8.count <= room ? texts[text] : "…")'"
    case .tuple(let tuple):
      room -= 2
      var parts: [String] = []
      for part in tuples[tuple] {
        guard room > 0 else { break }
        parts.append(self.literal(part, &room))
        room -= 2
      }
      return "(" + parts.joined(separator: ", ") + (parts.count == 1 ? ",)" : ")")
    default: literal = value.kind
    }
    room -= literal.utf8.count
    return literal
  }
}
