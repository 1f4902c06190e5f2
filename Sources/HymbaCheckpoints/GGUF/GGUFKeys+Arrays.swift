import HymbaFormat

extension GGUFKeys {
  /// The texts of an array. Bytes that are no UTF-8 are replaced by U+FFFD.
  /// - Parameters:
  ///   - key: The key.
  ///   - limit: The most texts that are accepted.
  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type or more values; `FormatError` when the file
  ///   cannot be read.
  package func strings(_ key: String, limit: Int) throws -> [String]? {
    try array(key, [.text], "an array of texts", limit: limit) { value in
      if case .text(let text) = value { text } else { nil }
    }
  }

  /// The floating-point numbers of an array, as F32.
  /// - Parameters:
  ///   - key: The key.
  ///   - limit: The most numbers that are accepted.
  /// - Throws: As ``strings(_:limit:)``.
  package func floats(_ key: String, limit: Int) throws -> [Float]? {
    try array(key, [.float32], "an array of floating-point numbers of 32 bits", limit: limit) { value in
      if case .float32(let number) = value { number } else { nil }
    }
  }

  /// The values of an array.
  /// - Parameter element: A value of the array; nil for one of another kind.
  func array<Element>(
    _ key: String, _ types: [GGUFValueType], _ expected: String, limit: Int, _ element: (GGUFValue) throws -> Element?
  ) throws -> [Element]? {
    guard let value = self[key] else { return nil }
    guard case .array(let array) = value, types.contains(array.type) else { throw mismatch(key, expected, value) }
    guard array.count <= limit else {
      throw GGUFError.value(
        key: key, expected: "an array of at most \(limit) values", found: "one of \(array.count)")
    }
    var reader = GGUFReader(file, at: array.offset)
    return try (0..<array.count).map { _ in
      let value = try reader.scalar(array.type, of: key)
      guard let element = try element(value) else { throw mismatch(key, expected, value) }
      return element
    }
  }
}
