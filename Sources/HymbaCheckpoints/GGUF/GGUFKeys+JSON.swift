package import HymbaFormat

extension GGUFKeys {
  /// The keys that describe the model, with their values. Texts and arrays of the tokenizer are left out, as are
  /// arrays that are too long to have a value for each layer.
  /// - Throws: `FormatError` when the file cannot be read.
  package var json: JSONValue {
    get throws {
      var members: [String: JSONValue] = [:]
      for key in names {
        guard let value = self[key] else { continue }
        let isOfTokenizer = key.hasPrefix("tokenizer.")
        switch value {
        case .unsigned(let number): members[key] = Int(exactly: number).map(JSONValue.integer) ?? .large("\(number)")
        case .signed(let number): members[key] = .integer(Int(number))
        case .bool(let flag): members[key] = .bool(flag)
        case .float32, .float64:
          // Infinity and NaN have no place in JSON, and no model property is one of them.
          members[key] = (try? real(key)).flatMap { $0 }.map(JSONValue.number) ?? .string(value.text)
        case .text(let text): if !isOfTokenizer { members[key] = .string(text) }
        case .array(let array):
          guard !isOfTokenizer, array.count <= Limits.ggufListedValues else { continue }
          // A list of anything else stands for no property, and must not look absent to what asks for a number.
          members[key] = try elements(of: key, array).map(JSONValue.array) ?? .string(value.text)
        }
      }
      return .object(members)
    }
  }

  /// The elements of an array of whole numbers or flags; nil for another array.
  private func elements(of key: String, _ array: GGUFArray) throws -> [JSONValue]? {
    switch array.type {
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64:
      try? integers(key, limit: Limits.ggufListedValues, in: Int.min...Int.max)?.map(JSONValue.integer)
    case .float32, .bool, .text, .array, .float64: nil
    }
  }
}
