/// A JSON document that another program wrote and that Python's `json` can read, such as a `config.json`.
package struct ForeignDocument: Sendable {
  package let value: JSONValue
  /// What a user should know of the document: a clause each, for a message that names the document.
  package let notes: [String]

  /// - Throws: ``FormatError/json(_:offset:)``.
  package init(parsing text: [UInt8]) throws(FormatError) {
    var reader = try JSONReader(text, .python)
    self.value = try JSONValue(from: &reader)
    try reader.finish()
    var seen: Set<NameKey> = []
    self.notes = reader.repeatedKeys.filter { seen.insert(NameKey($0)).inserted }.prefix(
      Self.shownNotes
    ).map { "“\($0.printable)” is given more than once; the last value counts, as in Python" }
  }

  /// The most notes that are kept: a document can repeat every key.
  private static let shownNotes = 6
}

extension JSONValue {
  /// The value of an object that Python wrote. Version 5 of transformers writes a number that JSON has no
  /// digits for as an object: `{"__float__": "Infinity"}` is the number infinity.
  init(pythonObject members: [String: JSONValue]) {
    guard members.count == 1, case .string(let name)? = members["__float__"] else {
      self = .object(members)
      return
    }
    switch name {
    case "NaN": self = .number(.nan)
    case "Infinity": self = .number(.infinity)
    case "-Infinity": self = .number(-.infinity)
    default: self = .object(members)
    }
  }
}
