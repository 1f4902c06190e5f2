import HymbaFormat
import HymbaModel

/// Values of a `config.json` by their names, read as the rows of the family's table say.
///
/// A value of another type is refused by its name: it would be another model, or the default in disguise.
struct OptionValues: Sendable {
  private let document: JSONValue
  private let table: OptionTable

  init(_ document: JSONValue, _ table: OptionTable) {
    self.document = document
    self.table = table
  }

  /// How the table has an option read.
  /// - Throws: ``ConversionError/unsupported(_:)`` for an option without a row, a slip in the family's code.
  private func reading(_ name: String) throws(ConversionError) -> ConfigurationOption.Reading {
    guard case .read(let reading)? = table[name]?.use else { throw Self.slip(name) }
    return reading
  }

  private static func slip(_ name: String) -> ConversionError {
    .unsupported("the option \(name) is read otherwise than the table of its family says")
  }

  /// The architecture that `body` reads from the values.
  ///
  /// - Throws: what `body` throws, ``ConversionError/option(_:found:expected:)`` for an option that is not
  ///   computed here, and for a value of the architecture that no model can have, by the option that gives it.
  func architecture(_ body: () throws -> Architecture) throws -> Architecture {
    try table.requireNeutral(document)
    do {
      return try body()
    } catch ModelError.option(let path, let found, let expected) {
      throw ConversionError.option(
        table.name(ofField: path), found: found, expected: expected)
    }
  }

  /// What no table of options knows.
  func note(origin: String) -> String? { table.note(on: document, origin: origin) }

  subscript(name: String) -> JSONValue? { document[name] }

  /// A whole number; the default where the value is null.
  /// - Parameter other: What holds where the table has no default.
  func whole(_ name: String, otherwise other: Int = 0) throws(ConversionError) -> Int {
    guard case .whole(let absent) = try reading(name) else { throw Self.slip(name) }
    return try given(name) ?? absent ?? other
  }

  /// A whole number; nil where the value is null, or absent without a default.
  func optionalWhole(_ name: String) throws(ConversionError) -> Int? {
    guard case .whole(let absent) = try reading(name) else { throw Self.slip(name) }
    return document[name] == nil ? absent : try given(name)
  }

  /// A whole number that is a size, so that the product of two cannot overflow.
  /// - Parameter other: What holds where the value is absent; nil for the table's default.
  func size(_ name: String, otherwise other: Int? = nil) throws(ConversionError) -> Int {
    guard case .size(let absent, let limit) = try reading(name) else { throw Self.slip(name) }
    let value = try given(name) ?? other ?? absent ?? 0
    guard (1...limit).contains(value) else {
      throw .option(name, found: "\(value)", expected: "a whole number from 1 to \(limit)")
    }
    return value
  }

  /// A whole number as the document has it; nil where it is absent or null.
  private func given(_ name: String) throws(ConversionError) -> Int? {
    switch document[name] {
    case nil, .null?: return nil
    case let value?:
      guard let whole = value.wholeNumber else {
        throw .option(
          name, found: value.summary, expected: "a whole number" + value.roomForWholeNumber)
      }
      return whole
    }
  }

  func number(_ name: String) throws(ConversionError) -> Double {
    guard case .number(let absent) = try reading(name) else { throw Self.slip(name) }
    switch document[name] {
    case nil, .null?: return absent
    case .integer(let value)?: return Double(value)
    case .number(let value)?: return value
    case .large(let digits)?: return Double(digits) ?? .infinity
    case let other?: throw .option(name, found: other.summary, expected: "a number")
    }
  }

  /// Null, 0 and 1 are what Python takes them for.
  func flag(_ name: String) throws(ConversionError) -> Bool {
    guard case .flag(let absent) = try reading(name) else { throw Self.slip(name) }
    switch document[name] {
    case nil: return absent
    case .null?, .integer(0)?: return false
    case .integer(1)?: return true
    case .bool(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "true or false")
    }
  }

  /// A function by transformers' name.
  func activation(_ name: String) throws(ConversionError) -> Architecture.Activation {
    guard case .activation(let absent) = try reading(name) else { throw Self.slip(name) }
    return try Architecture.Activation(transformers: document[name], option: name) ?? absent
  }

  /// Nil when there is none.
  func list(_ name: String) throws(ConversionError) -> [JSONValue]? {
    switch document[name] {
    case nil, .null?: return nil
    case .array(let elements)?: return elements
    case let other?: throw .option(name, found: other.summary, expected: "a list")
    }
  }

  func integers(_ name: String) throws(ConversionError) -> [Int]? {
    guard let value = document[name], value != .null else { return nil }
    func invalid() -> ConversionError {
      .option(name, found: value.summary, expected: "a list of whole numbers")
    }
    guard case .array(let elements) = value else { throw invalid() }
    return try elements.map { element throws(ConversionError) in
      guard let number = element.wholeNumber else { throw invalid() }
      return number
    }
  }

  /// What each layer is, by the lists under these names, of which a file may have several; nil without one.
  ///
  /// - Parameter words: What the originals call the kinds.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an unknown word, another number of layers than
  ///   `count`, and lists that differ.
  func layerKinds<Kind: Equatable>(
    _ names: [String], count: Int, _ words: [String: Kind]
  ) throws(ConversionError) -> [Kind]? {
    var first: (name: String, kinds: [Kind])?
    for name in names {
      guard let elements = try list(name) else { continue }
      guard elements.count == count else {
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
  /// A whole number, however it is written: 2 and 2.0.
  var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// What to add to “a whole number” where the value is one, but too large; otherwise nothing.
  var roomForWholeNumber: String {
    switch self {
    case .large: " of at most 63 bits"
    case .number(let value) where value == value.rounded() && value.isFinite:
      " of at most 63 bits"
    default: ""
    }
  }
}
