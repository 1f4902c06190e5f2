import HymbaFormat
import HymbaModel

/// Values of a `config.json` by their names, with the defaults of its configuration class.
///
/// A value of another type is refused by its name: it would be another model, or the default in disguise.
struct ConfigurationValues: Sendable {
  private let document: JSONValue
  private let keys: ConfigurationKeys

  init(_ document: JSONValue, _ keys: ConfigurationKeys) {
    self.document = document
    self.keys = keys
  }

  /// The architecture that `body` reads from the values.
  ///
  /// - Throws: what `body` throws, ``ConversionError/option(_:found:expected:)`` for an option that is not
  ///   computed here, and for a value of the architecture that no model can have, by the option that gives it.
  func architecture(_ body: () throws -> Architecture) throws -> Architecture {
    try keys.requireNeutral(document)
    do {
      return try body()
    } catch ModelError.option(let path, let found, let expected) {
      throw ConversionError.option(
        keys.name(ofField: path), found: found, expected: expected)
    }
  }

  /// What no table of options knows.
  func note(origin: String) -> String? { keys.note(on: document, origin: origin) }

  subscript(name: String) -> JSONValue? { document[name] }

  func whole(_ name: String, _ absent: Int) throws(ConversionError) -> Int {
    try optionalWhole(name, absent: absent) ?? absent
  }

  /// Nil when the value is null, or absent without a default.
  func optionalWhole(_ name: String, absent: Int? = nil) throws(ConversionError) -> Int? {
    switch document[name] {
    case nil: return absent
    case .null?: return nil
    case let value?:
      guard let whole = value.wholeNumber else {
        throw .option(
          name, found: value.summary, expected: "a whole number" + value.roomForWholeNumber)
      }
      return whole
    }
  }

  /// A whole number that is a size, so that the product of two cannot overflow.
  func size(
    _ name: String, _ absent: Int, atMost limit: Int = Architecture.largestSize
  ) throws(ConversionError) -> Int {
    let value = try whole(name, absent)
    guard (1...limit).contains(value) else {
      throw .option(name, found: "\(value)", expected: "a whole number from 1 to \(limit)")
    }
    return value
  }

  func number(_ name: String, _ absent: Double) throws(ConversionError) -> Double {
    switch document[name] {
    case nil, .null?: return absent
    case .integer(let value)?: return Double(value)
    case .number(let value)?: return value
    case .large(let digits)?: return Double(digits) ?? .infinity
    case let other?: throw .option(name, found: other.summary, expected: "a number")
    }
  }

  /// Null, 0 and 1 are what Python takes them for.
  func flag(_ name: String, _ absent: Bool) throws(ConversionError) -> Bool {
    switch document[name] {
    case nil: return absent
    case .null?, .integer(0)?: return false
    case .integer(1)?: return true
    case .bool(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "true or false")
    }
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

  // MARK: Heads of models

  /// Whether the file says that the model has no head: all its `architectures` are called `…Model`.
  var isBaseModel: Bool {
    guard case .array(let names)? = document["architectures"], !names.isEmpty else { return false }
    return names.allSatisfy {
      if case .string(let name) = $0 { name.hasSuffix("Model") } else { false }
    }
  }

  /// - Parameters:
  ///   - hasHead: Whether there is one, where the tensors tell; nil leaves it to the file.
  ///   - isTied: Whether it is the embedding where the file does not say it.
  func output(hasHead: Bool?, isTied: Bool) throws(ConversionError) -> Architecture.Output {
    guard hasHead ?? !isBaseModel else { return .hiddenStates }
    return try flag("tie_word_embeddings", isTied) ? .tiedLogits : .logits
  }

  // MARK: Mamba

  /// `mamba_dt_rank`, whose default `"auto"` is hidden / 16, rounded up.
  func timeStepRank(hiddenSize: Int) throws(ConversionError) -> Int {
    let automatic = hiddenSize / 16 + (hiddenSize % 16 > 0 ? 1 : 0)
    if document["mamba_dt_rank"] == .string("auto") { return automatic }
    return try whole("mamba_dt_rank", automatic)
  }

  /// The biases of a Mamba that always has one for its time step.
  func mambaBiases() throws(ConversionError) -> [Architecture.Mamba.Projection] {
    var biases: [Architecture.Mamba.Projection] = [.timeStep]
    if try flag("mamba_conv_bias", true) { biases.append(.convolution) }
    if try flag("mamba_proj_bias", false) { biases += [.input, .output] }
    return biases.sorted { $0.rawValue < $1.rawValue }
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
