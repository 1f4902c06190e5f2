import HymbaFormat

/// A dictionary's key as a part of a tensor's name: a text as it is, numbers, None and tuples of those as Python
/// writes them.
struct PickleKey {
  private(set) var name = ""
  /// What in the key has no such form, when something has none; its kind stands for it then.
  private(set) var foreign: PickleValue?

  init(_ key: PickleValue, _ objects: PickleObjects) {
    guard case .text(let text) = key else {
      var room = Limits.nameBytes
      name = literal(key, objects, &room)
      return
    }
    // What is too long for a tensor's name need not be carried further than its refusal.
    let whole = objects.texts[text]
    name =
      whole.utf8.count <= Limits.nameBytes
      ? whole : String(decoding: whole.utf8.prefix(Limits.nameBytes + 1), as: UTF8.self)
  }

  /// - Parameter room: Bytes that the whole may still take. Tuples that hold each other many times would have
  ///   no end.
  private mutating func literal(
    _ value: PickleValue, _ objects: PickleObjects, _ room: inout Int
  ) -> String {
    let literal: String
    switch value {
    case .none: literal = "None"
    case .bool(let value): literal = value ? "True" : "False"
    case .integer(let value): literal = "\(value)"
    case .float(let value): literal = "\(value)"
    case .text(let text):
      literal = "'\(objects.texts[text].utf8.count <= room ? objects.texts[text] : "…")'"
    case .tuple(let tuple):
      room -= 2
      var parts: [String] = []
      for part in objects.tuples[tuple] {
        guard room > 0 else { break }
        parts.append(self.literal(part, objects, &room))
        room -= 2
      }
      return "(" + parts.joined(separator: ", ") + (parts.count == 1 ? ",)" : ")")
    default:
      foreign = foreign ?? value
      literal = value.kind
    }
    room -= literal.utf8.count
    return literal
  }
}

extension PickleObjects {
  /// What a key is that no name can be made of, for a message.
  func words(ofForeign key: PickleValue) -> String {
    switch key {
    case .object(let index) where objects[index].isData: "bytes, a set or other plain data"
    case .object(let index): "an object of “\(objects[index].name.printable)”"
    case .foreign(let name): "the class or function “\(texts[name].printable)”"
    default: key.kind
    }
  }
}
