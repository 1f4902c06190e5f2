import HymbaFormat

/// A dictionary's key as a part of a tensor's name. A text stands as it is. Numbers, booleans, None, and tuples
/// of all these are written as Python writes them.
struct PickleKey {
  private(set) var name = ""
  /// The first value in the key that cannot be written so; nil when there is none. In the name, its kind stands
  /// for it.
  private(set) var foreign: PickleValue?

  init(_ key: PickleValue, _ objects: PickleObjects) {
    guard case .text(let text) = key else {
      var room = Limits.nameBytes
      name = literal(key, objects, &room)
      return
    }
    // A longer name is refused later, so one byte beyond the limit is enough.
    let whole = objects.texts[text]
    name =
      whole.utf8.count <= Limits.nameBytes
      ? whole : String(decoding: whole.utf8.prefix(Limits.nameBytes + 1), as: UTF8.self)
  }

  /// A value as Python writes it.
  /// - Parameter room: Bytes that are left for the whole key. Without this bound, tuples that contain each
  ///   other many times would have no end.
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
  /// Describes, for a message, a key that cannot be a part of a name.
  func words(ofForeign key: PickleValue) -> String {
    switch key {
    case .object(let index) where objects[index].isData: "bytes, a set or other plain data"
    case .object(let index): "an object of “\(objects[index].name.printable)”"
    case .foreign(let name): "the class or function “\(texts[name].printable)”"
    default: key.kind
    }
  }
}
