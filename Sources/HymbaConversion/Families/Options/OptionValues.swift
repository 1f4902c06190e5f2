import HymbaFormat
import HymbaModel

/// The values of a `config.json`, read by name as the table of the family says.
///
/// A value of the wrong type is refused with the name of its option, and never replaced by the default.
struct OptionValues: Sendable {
  private let document: JSONValue
  private let table: OptionTable

  init(_ document: JSONValue, _ table: OptionTable) {
    self.document = document
    self.table = table
  }

  /// The way to read an option, from its row in the table.
  /// - Throws: ``ConversionError/unsupported(_:)`` for an option without such a row, which is a mistake in the
  ///   code of the family.
  private func reading(_ name: String) throws(ConversionError) -> ConfigurationOption.Reading {
    guard case .read(let reading)? = table[name]?.use else { throw Self.slip(name) }
    return reading
  }

  private static func slip(_ name: String) -> ConversionError {
    .unsupported("the option \(name) is read otherwise than the table of its family says")
  }

  /// The architecture that `body` reads from the values.
  ///
  /// - Throws: What `body` throws; ``ConversionError/option(_:found:expected:)`` for an option that is not
  ///   computed here, and for an impossible value of the architecture, with the option that gives it.
  func architecture(_ body: () throws -> Architecture) throws -> Architecture {
    try table.requireNeutral(document)
    try table.requireAgreement(document)
    do {
      return try body()
    } catch ModelError.option(let path, let found, let expected) {
      throw ConversionError.option(
        spelling(table.name(ofField: path)), found: found, expected: expected)
    }
  }

  /// The value under the name that the document has for the option; nil where the document has none of its
  /// names.
  subscript(name: String) -> JSONValue? { document[spelling(name)] }

  /// The name that the document has for an option: of its names the first with a value that is not null.
  func spelling(_ name: String) -> String {
    let names = table[name]?.names ?? []
    return names.first { isGiven($0) } ?? names.first { document[$0] != nil } ?? name
  }

  /// Whether the document has a value under exactly this name that is not null.
  private func isGiven(_ name: String) -> Bool { document[name].map { $0 != .null } ?? false }

  /// Whether the document has a value for an option that is not null.
  func has(_ name: String) -> Bool { isGiven(spelling(name)) }

  /// A whole number; the default where the value is absent or null.
  /// - Parameter other: The default where the table has none.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no whole number.
  func whole(_ name: String, otherwise other: Int = 0) throws(ConversionError) -> Int {
    guard case .whole(let absent) = try reading(name) else { throw Self.slip(name) }
    return try given(name) ?? absent ?? other
  }

  /// A whole number; nil where the value is null, or where it is absent and the table has no default.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no whole number.
  func optionalWhole(_ name: String) throws(ConversionError) -> Int? {
    guard case .whole(let absent) = try reading(name) else { throw Self.slip(name) }
    return self[name] == nil ? absent : try given(name)
  }

  /// A whole number from 1 to the limit in the table. The product of two such sizes cannot overflow.
  /// - Parameter other: The default where the value is absent or null; nil for the default of the table.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no such number.
  func size(_ name: String, otherwise other: Int? = nil) throws(ConversionError) -> Int {
    guard case .size(let absent, let limit) = try reading(name) else { throw Self.slip(name) }
    let value = try given(name) ?? other ?? absent ?? 0
    guard (1...limit).contains(value) else {
      throw .option(
        spelling(name), found: "\(value)", expected: "a whole number from 1 to \(limit)")
    }
    return value
  }

  /// The whole number in the document; nil where the value is absent or null.
  private func given(_ name: String) throws(ConversionError) -> Int? {
    switch self[name] {
    case nil, .null?: return nil
    case let value?:
      guard let whole = value.wholeNumber else {
        throw .option(
          spelling(name), found: value.summary, expected: "a whole number" + value.roomForWholeNumber)
      }
      return whole
    }
  }

  func number(_ name: String) throws(ConversionError) -> Double {
    guard case .number(let absent) = try reading(name) else { throw Self.slip(name) }
    guard let value = self[name], value != .null else { return absent }
    guard let number = value.double else {
      throw .option(spelling(name), found: value.summary, expected: "a number")
    }
    return number
  }

  /// A flag. As in Python, null and 0 are false, and 1 is true.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for another value that is no flag.
  func flag(_ name: String) throws(ConversionError) -> Bool {
    guard case .flag(let absent) = try reading(name) else { throw Self.slip(name) }
    switch self[name] {
    case nil: return absent
    case .null?, .integer(0)?: return false
    case .integer(1)?: return true
    case .bool(let value)?: return value
    case let other?:
      throw .option(spelling(name), found: other.summary, expected: "true or false")
    }
  }

  /// An activation function, by its name in transformers; the default where the value is absent or null.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that names no such function.
  func activation(_ name: String) throws(ConversionError) -> Architecture.Activation {
    guard case .activation(let absent) = try reading(name) else { throw Self.slip(name) }
    return try Architecture.Activation(transformers: self[name], option: spelling(name)) ?? absent
  }

  /// A list of any values; nil where the value is absent or null.
  func list(_ name: String) throws(ConversionError) -> [JSONValue]? {
    switch self[name] {
    case nil, .null?: return nil
    case .array(let elements)?: return elements
    case let other?: throw .option(spelling(name), found: other.summary, expected: "a list")
    }
  }

  func integers(_ name: String) throws(ConversionError) -> [Int]? {
    guard let value = self[name], value != .null else { return nil }
    func invalid() -> ConversionError {
      .option(spelling(name), found: value.summary, expected: "a list of whole numbers")
    }
    guard case .array(let elements) = value else { throw invalid() }
    return try elements.map { element throws(ConversionError) in
      guard let number = element.wholeNumber else { throw invalid() }
      return number
    }
  }

  /// The kind of each layer, from a list of words; nil where the document has no such list.
  ///
  /// - Parameters:
  ///   - names: The options that may hold the list. A document may have several of them.
  ///   - count: The number of layers; nil where the list alone tells it.
  ///   - words: The words of the originals, with the kinds that they stand for.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an unknown word, for a list that has not
  ///   `count` elements, and for lists that differ.
  func layerKinds<Kind: Equatable>(
    _ names: [String], count: Int?, _ words: [String: Kind]
  ) throws(ConversionError) -> [Kind]? {
    var first: (name: String, kinds: [Kind])?
    for name in names {
      guard let elements = try list(name) else { continue }
      if let count, elements.count != count {
        throw .option(
          name, found: "a list of \(elements.count)",
          expected: "one type for each of the \(count) layers of num_hidden_layers")
      }
      var kinds: [Kind] = []
      for (index, element) in elements.enumerated() {
        guard case .string(let word) = element, let kind = words[word] else {
          let known = words.keys.sorted().map { "“\($0)”" }
          throw .option(
            "\(name) of layer \(index)", found: element.summary,
            expected: known.dropLast().joined(separator: ", ") + " or \(known.last ?? "")")
        }
        kinds.append(kind)
      }
      if let first, first.kinds.count != kinds.count {
        throw .option(
          name, found: "a list of \(kinds.count)",
          expected: "a list of \(first.kinds.count), as \(first.name) is")
      }
      if let first, let layer = kinds.indices.first(where: { kinds[$0] != first.kinds[$0] }) {
        throw .option(
          "\(name) of layer \(layer)", found: elements[layer].summary,
          expected: "what \(first.name) says of it")
      }
      first = first ?? (name, kinds)
    }
    return first?.kinds
  }
}

extension JSONValue {
  /// The value as a number; nil for a value that is none.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .large(let digits): Double(digits) ?? .infinity
    default: nil
    }
  }

  /// Whether two values are the same, where 2 and 2.0 are.
  func isSame(as other: JSONValue) -> Bool {
    if case .array(let mine) = self, case .array(let theirs) = other {
      return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isSame(as: $1) }
    }
    return self == other || double.map { $0 == other.double } ?? false
  }

  /// The value as a whole number, written as 2 or as 2.0; nil for any other value.
  var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The words to add to “a whole number” where the value is one, but too large; otherwise an empty text.
  var roomForWholeNumber: String {
    switch self {
    case .large: " of at most 63 bits"
    case .number(let value) where value == value.rounded() && value.isFinite:
      " of at most 63 bits"
    default: ""
    }
  }
}
