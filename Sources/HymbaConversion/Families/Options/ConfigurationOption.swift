import HymbaFormat
import HymbaModel

/// One option of a family's configuration: what is done with it, which fields of the architecture it gives, and
/// how it is written.
struct ConfigurationOption: Sendable {
  /// Computes what a configuration that is made has here; nil leaves the option out.
  typealias Writer = @Sendable (DescribedModel) -> (any OptionValue)?

  enum Use: Sendable {
    /// It decides what is computed.
    case read(Reading)
    /// It is not computed unless it has one of these values, or null; the reason says why another would be another
    /// model.
    case neutral([JSONValue], reason: String)
    /// It changes nothing: an option of training, of generation, of where and how the original runs.
    case withoutEffect
  }

  /// How a value is read, and what holds where the file leaves it out; nil where that follows from other options.
  enum Reading: Sendable {
    case whole(absent: Int?)
    /// A size, so that the product of two cannot overflow.
    case size(absent: Int?, limit: Int)
    case number(absent: Double)
    case flag(absent: Bool)
    case activation(absent: Architecture.Activation)
    /// Read by code of the family: words, lists.
    case own
  }

  let name: String
  let use: Use
  /// Fields of the architecture, without their layer; a message of the field names the option.
  let fields: [String]
  let writer: Writer?

  static func whole(
    _ name: String, _ absent: Int? = nil, gives fields: String..., writes writer: Writer? = nil
  ) -> Self {
    Self(name: name, use: .read(.whole(absent: absent)), fields: fields, writer: writer)
  }

  static func size(
    _ name: String, _ absent: Int? = nil, atMost limit: Int = Architecture.largestSize,
    gives fields: String..., writes writer: Writer? = nil
  ) -> Self {
    Self(
      name: name, use: .read(.size(absent: absent, limit: limit)), fields: fields, writer: writer)
  }

  static func number(
    _ name: String, _ absent: Double, gives fields: String..., writes writer: Writer? = nil
  ) -> Self {
    Self(name: name, use: .read(.number(absent: absent)), fields: fields, writer: writer)
  }

  static func flag(_ name: String, _ absent: Bool, writes writer: Writer? = nil) -> Self {
    Self(name: name, use: .read(.flag(absent: absent)), fields: [], writer: writer)
  }

  static func activation(
    _ name: String, _ absent: Architecture.Activation, writes writer: Writer? = nil
  ) -> Self {
    Self(name: name, use: .read(.activation(absent: absent)), fields: [], writer: writer)
  }

  static func own(_ name: String, gives fields: String..., writes writer: Writer? = nil) -> Self {
    Self(name: name, use: .read(.own), fields: fields, writer: writer)
  }

  static func neutral(_ name: String, _ values: [JSONValue], _ reason: String) -> Self {
    Self(name: name, use: .neutral(values, reason: reason), fields: [], writer: nil)
  }

  /// An option that changes nothing that is computed here, and that the original wants to find.
  static func withoutEffect(_ name: String, writes writer: Writer? = nil) -> Self {
    Self(name: name, use: .withoutEffect, fields: [], writer: writer)
  }
}

/// A value as a configuration that is made has it.
protocol OptionValue: Sendable {
  /// Nil where no value says it, so that the option is left out.
  var option: JSONValue? { get }
}

extension Int: OptionValue { var option: JSONValue? { .integer(self) } }
extension Double: OptionValue { var option: JSONValue? { .number(self) } }
extension Bool: OptionValue { var option: JSONValue? { .bool(self) } }
extension String: OptionValue { var option: JSONValue? { .string(self) } }
extension JSONValue: OptionValue { var option: JSONValue? { self } }
extension Array: OptionValue where Element: OptionValue {
  var option: JSONValue? { .array(compactMap(\.option)) }
}
extension Architecture.Activation: OptionValue {
  var option: JSONValue? { transformersName.map(JSONValue.string) }
}
