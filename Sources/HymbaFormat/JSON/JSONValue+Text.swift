extension JSONValue {
  /// The value as compact JSON text, with sorted keys.
  /// - Precondition: No number is NaN or infinite, which JSON does not have.
  package var text: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  private func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.raw(Array("\(value)".utf8))
    case .integer(let value): writer.integer(value)
    case .number(let value):
      precondition(value.isFinite, "JSON has finite numbers alone")
      writer.raw(Array("\(value)".utf8))
    case .large(let digits): writer.raw(Array(digits.utf8))
    case .string(let value): writer.string(value)
    case .array(let values): writer.array { writer in for value in values { value.write(to: &writer) } }
    case .object(let members):
      writer.object { writer in
        for (key, value) in members.sorted(by: { $0.key.utf8Precedes($1.key) }) {
          writer.key(key)
          value.write(to: &writer)
        }
      }
    }
  }
}
