/// A JSON document that another program wrote and Python's `json` reads: a `config.json`.
package struct ForeignDocument: Sendable {
  package let value: JSONValue
  /// What a reader should know of it, each a sentence without a subject of its own.
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

  /// A document can repeat every key.
  private static let shownNotes = 6
}

extension JSONValue {
  /// An object; transformers 5 writes numbers that JSON has no digits for as `{"__float__": "Infinity"}`.
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
