import HymbaFormat
import HymbaModel

/// Values of a `config.json` by their names, with the defaults of its configuration class.
///
/// A value of another type is refused by its name: it would be another model, or the default in disguise.
struct ConfigurationValues: Hashable, Sendable {
  private let document: JSONValue

  init(_ document: JSONValue) { self.document = document }

  subscript(name: String) -> JSONValue? { document[name] }

  func whole(_ name: String, _ absent: Int) throws(ConversionError) -> Int {
    try optionalWhole(name, absent: absent) ?? absent
  }

  /// Nil when the value is null, or absent without a default.
  func optionalWhole(_ name: String, absent: Int? = nil) throws(ConversionError) -> Int? {
    switch document[name] {
    case nil: return absent
    case .null?: return nil
    case .integer(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "a whole number")
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
    case let other?: throw .option(name, found: other.summary, expected: "a number")
    }
  }

  func flag(_ name: String, _ absent: Bool) throws(ConversionError) -> Bool {
    switch document[name] {
    case nil, .null?: return absent
    case .bool(let value)?: return value
    case let other?: throw .option(name, found: other.summary, expected: "true or false")
    }
  }

  /// Refuses a text other than `only`, which is what the original computes by default.
  func require(_ name: String, only: String) throws(ConversionError) {
    switch document[name] {
    case nil, .null?, .string(only)?: return
    case let other?: throw .option(name, found: other.summary, expected: "“\(only)”")
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
      guard case .integer(let number) = element else { throw invalid() }
      return number
    }
  }

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
