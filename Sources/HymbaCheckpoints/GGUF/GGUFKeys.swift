package import HymbaFormat

/// The keys of a GGUF file with their values. Each getter checks type and range, and returns nil for a key that
/// is not there.
package struct GGUFKeys: Sendable {
  /// The keys in the order of the file.
  package let names: [String]
  private let values: NameTable<GGUFValue>
  private let types: NameTable<GGUFValueType>
  /// The bytes of the file with the type and the value of each key.
  private let ranges: NameTable<Range<Int>>
  let file: any ByteSource

  /// Reads the keys of a GGUF file that is in memory. Its tensors are not looked at.
  /// - Throws: ``GGUFError``, `FormatError`.
  package init(file bytes: [UInt8]) throws { self = try GGUFHeader(HeldBytes(bytes: bytes)).keys }

  /// Reads as many keys.
  /// - Parameter count: The number that the file declares, which has been compared with its length.
  /// - Throws: ``GGUFError``, `FormatError`.
  init(_ count: Int, from reader: inout GGUFReader, of file: any ByteSource) throws {
    let start = reader.position
    var names: [String] = []
    var values: NameTable<GGUFValue> = [:]
    var types: NameTable<GGUFValueType> = [:]
    var ranges: NameTable<Range<Int>> = [:]
    for number in 1...max(1, count) where number <= count {
      let key = try reader.name("key \(number)", limit: Limits.ggufKeyBytes)
      let valueStart = reader.position
      let (type, value) = try reader.value(of: key)
      guard reader.position - start <= Limits.ggufKeySectionBytes else {
        throw GGUFError.keysTooLong(limit: Limits.ggufKeySectionBytes)
      }
      guard values.insert(value, for: key) else { throw GGUFError.keyTwice(key) }
      types[key] = type
      ranges[key] = valueStart..<reader.position
      names.append(key)
    }
    self.names = names
    self.values = values
    self.types = types
    self.ranges = ranges
    self.file = file
  }

  /// The bytes of a key's type and value; none for a key that is not there.
  /// - Throws: `FormatError` when the file cannot be read.
  func storedValue(_ key: String) throws -> [UInt8] {
    guard let range = ranges[key] else { return [] }
    return try file.bytes(at: range.lowerBound, count: range.count)
  }

  package subscript(key: String) -> GGUFValue? { values[key] }

  /// The type of a key's value; ``GGUFValueType/array`` for any array.
  package func type(of key: String) -> GGUFValueType? { types[key] }

  /// All values as texts, see ``GGUFValue/text``. A chat template, which is a program of several kilobytes, is shown by
  /// its length.
  package var texts: NameTable<String> {
    NameTable(
      values.map { key, value in
        guard key.hasPrefix(Self.templateKey), case .text(let template) = value else { return (key, value.text) }
        return (key, "a template of \(template.utf8.count) bytes")
      })
  }

  /// The beginning of the keys of chat templates: a file may have several.
  private static let templateKey = "tokenizer.chat_template"

  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type.
  package func string(_ key: String) throws(GGUFError) -> String? {
    guard let value = values[key] else { return nil }
    guard case .text(let text) = value else { throw mismatch(key, "a text", value) }
    return text
  }

  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type.
  package func bool(_ key: String) throws(GGUFError) -> Bool? {
    guard let value = values[key] else { return nil }
    guard case .bool(let bool) = value else { throw mismatch(key, "true or false", value) }
    return bool
  }

  /// A whole number of any width.
  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type, or a number outside `range`.
  package func unsigned(
    _ key: String, in range: ClosedRange<Int> = 0...Int.max
  ) throws(GGUFError) -> Int? {
    guard let value = values[key] else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw mismatch(key, Self.words(range), value)
    }
    return number
  }

  /// A floating-point number. A float of 32 bits becomes the double that its shortest decimal names, as 1e-6 was
  /// meant where the nearest float stands.
  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type, infinity and NaN.
  package func real(_ key: String) throws(GGUFError) -> Double? {
    guard let value = values[key] else { return nil }
    let number: Double? =
      switch value {
      case .float32(let float): Double("\(float)")
      case .float64(let double): double
      default: nil
      }
    guard let number, number.isFinite else { throw mismatch(key, "a finite floating-point number", value) }
    return number
  }

  /// The whole numbers of an array.
  /// - Parameters:
  ///   - limit: The most numbers that are accepted.
  ///   - range: The range of each number.
  /// - Throws: ``GGUFError/value(key:expected:found:)`` for another type, more values, or a number outside
  ///   `range`; `FormatError` when the file cannot be read.
  package func integers(
    _ key: String, limit: Int, in range: ClosedRange<Int> = 0...Int.max
  ) throws -> [Int]? {
    try array(key, GGUFValueType.whole, "an array of whole numbers", limit: limit) { value in
      guard let number = value.integer, range.contains(number) else {
        throw mismatch(key, "an array with " + Self.words(range), value)
      }
      return number
    }
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound) on"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  func mismatch(_ key: String, _ expected: String, _ value: GGUFValue) -> GGUFError {
    .value(key: key, expected: expected, found: value.shown)
  }
}

extension GGUFValue {
  /// A whole number that fits 64 bits with sign; nil for another value.
  fileprivate var integer: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(value)
    default: nil
    }
  }
}
