/// A JSON value of unknown structure, such as a configuration that another program wrote.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  /// A whole number of more than 63 bits: its sign and digits, so that a message can show it exactly.
  case large(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The value of a whole JSON text.
  /// - Throws: ``FormatError/json(_:offset:)``.
  package init(parsing text: [UInt8], _ dialect: JSONDialect = .strict) throws(FormatError) {
    var reader = try JSONReader(text, dialect)
    self = try Self(from: &reader)
    try reader.finish()
  }

  package init(from reader: inout JSONReader) throws(FormatError) {
    switch try reader.peek() {
    case .null:
      try reader.readNull()
      self = .null
    case .bool: self = .bool(try reader.readBool())
    case .string: self = .string(try reader.readString())
    case .number:
      switch try reader.readNumber() {
      case .integer(let value): self = .integer(value)
      case .number(let value): self = .number(value)
      case .large(let digits): self = .large(digits)
      }
    case .array:
      var elements: [JSONValue] = []
      try reader.readArray { reader throws(FormatError) in
        elements.append(try JSONValue(from: &reader))
      }
      self = .array(elements)
    case .object:
      var members: [String: JSONValue] = [:]
      try reader.readObject { reader, key throws(FormatError) in
        members[key] = try JSONValue(from: &reader)
      }
      self = reader.dialect == .python ? Self(pythonObject: members) : .object(members)
    }
  }

  package subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The paths of the object members that `other`, a value of the same structure, does not have. Members that
  /// are null count as absent.
  package func members(missingFrom other: JSONValue, path: [String] = []) -> [String] {
    switch (self, other) {
    case (.object(let mine), .object(let theirs)):
      mine.sorted { $0.key.utf8Precedes($1.key) }.flatMap { key, value -> [String] in
        guard value != .null else { return [] }
        guard let counterpart = theirs[key] else {
          return [(path + [key]).joined(separator: ".")]
        }
        return value.members(missingFrom: counterpart, path: path + [key])
      }
    case (.array(let mine), .array(let theirs)):
      zip(mine, theirs).enumerated().flatMap { index, pair in
        pair.0.members(missingFrom: pair.1, path: path + ["\(index)"])
      }
    default: []
    }
  }

  /// The most characters of a text or a number that a message shows.
  private static let shownCharacters = 40

  /// The value as a message shows it.
  package var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .large(let digits):
      digits.prefix(Self.shownCharacters) + (digits.count > Self.shownCharacters ? "…" : "")
    case .string(let value): "“\(value.prefix(Self.shownCharacters).description.printable)”"
    case .array(let elements): "a list of \(elements.count)"
    case .object: "an object"
    }
  }
}
