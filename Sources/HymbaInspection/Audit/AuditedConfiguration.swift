import HymbaFormat

/// The configuration of a checkpoint as its file has it.
struct AuditedConfiguration {
  /// The name of the file.
  let origin: String
  let value: JSONValue
  /// Whether readers of strict JSON accept the text.
  let isStrict: Bool

  /// - Throws: ``FormatError`` for what Python's `json` cannot read.
  init(_ text: [UInt8], origin: String) throws(FormatError) {
    self.origin = origin
    self.value = try ForeignDocument(parsing: text).value
    self.isStrict = (try? JSONValue(parsing: text)) != nil
  }

  /// Reads the file at `path`.
  /// - Throws: ``FormatError`` for a file that cannot be read, or is no JSON.
  init(reading path: String) throws(FormatError) {
    try self.init(
      InputFile.contents(of: path, limit: Limits.configurationBytes),
      origin: FileSystem.name(of: path))
  }

  /// The value of a key; nil where it is absent or null.
  subscript(key: String) -> JSONValue? {
    value[key].flatMap { $0 == .null ? nil : $0 }
  }

  func text(_ key: String) -> String? {
    if case .string(let text)? = self[key] { text } else { nil }
  }

  func number(_ key: String) -> Double? { self[key]?.asDouble }

  func flag(_ key: String) -> Bool? {
    if case .bool(let flag)? = self[key] { flag } else { nil }
  }

  /// The texts of a list; empty where the key holds none.
  func texts(_ key: String) -> [String] {
    guard case .array(let elements)? = self[key] else { return [] }
    return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}

extension JSONValue {
  /// A number of either form; nil for any other value.
  var asDouble: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
