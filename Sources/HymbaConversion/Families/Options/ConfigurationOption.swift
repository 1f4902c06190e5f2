import HymbaFormat
import HymbaModel

/// One option of a family's configuration: how it is used, which fields of the architecture it gives, and how
/// it is written.
struct ConfigurationOption: Sendable {
  /// Computes the value of the option in a configuration made of a model. Nil leaves the option out.
  typealias Writer = @Sendable (DescribedModel) -> (any OptionValue)?

  enum Use: Sendable {
    /// The option decides what is computed.
    case read(Reading)
    /// The option is refused unless it is absent, null or one of these values. The reason says why another
    /// value is not computed here.
    case neutral([JSONValue], reason: String)
    /// The option changes nothing that is computed: it is about training, generation, or where and how the
    /// original runs.
    case withoutEffect
  }

  /// How a value is read, and its default where the file leaves it out. The default is nil where it follows
  /// from other options.
  enum Reading: Sendable {
    case whole(absent: Int?)
    /// A whole number from 1 to `limit`. The limit is such that the product of two sizes cannot overflow.
    case size(absent: Int?, limit: Int)
    case number(absent: Double)
    case flag(absent: Bool)
    case activation(absent: Architecture.Activation)
    /// A value that code of the family reads, such as a word or a list.
    case own
  }

  let name: String
  let use: Use
  /// The fields of the architecture that the option gives, named without their layer. Messages about such a
  /// field name the option.
  let fields: [String]
  let writer: Writer?
  /// Other names of the option, from other releases of the original.
  private(set) var otherNames: [String] = []

  /// All names of the option, that under which it is written first.
  var names: [String] { [name] + otherNames }

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

  /// An option that changes nothing that is computed. With a writer, it is written for the original, which
  /// expects it.
  static func withoutEffect(_ name: String, writes writer: Writer? = nil) -> Self {
    Self(name: name, use: .withoutEffect, fields: [], writer: writer)
  }
}

extension ConfigurationOption {
  /// The same option with further names, which other releases of the original use for it.
  func alsoNamed(_ names: String...) -> Self {
    var option = self
    option.otherNames += names
    return option
  }
}

/// A value that can be written into a configuration.
protocol OptionValue: Sendable {
  /// The value as JSON; nil where JSON has no value for it, so that the option is left out.
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
