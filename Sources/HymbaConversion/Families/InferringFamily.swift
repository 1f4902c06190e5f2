import HymbaFormat
import HymbaModel

/// A family whose configuration is a few whole numbers. The shapes of the tensors tell most of them, so that a
/// checkpoint can be opened without a configuration.
protocol InferringFamily: Family {
  /// The options that the network depends on, which a layout may `infer` and `assume`.
  var optionNames: [String] { get }
  /// The options that no shape tells, with the values that are assumed for them.
  var untold: [String: Int] { get }

  /// The default values of the options that have one.
  var defaults: [String: Int] { get }

  /// The architecture that these options give, with the defaults of the family for the options left out.
  ///
  /// - Parameter origin: The source of the options, for messages.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that no model can have, and
  ///   ``ConversionError/configurationUnknown(_:)`` where an option without a default is missing.
  func architecture(
    _ options: [String: Int], origin: String
  ) throws(ConversionError) -> Architecture

  /// The options that give an architecture, under every name that a configuration may use for them; nil where
  /// the family does not build this architecture.
  func options(of architecture: Architecture) -> [String: Int]?

  /// The value of an option of ``untold`` in an architecture of any family; nil where it has none.
  func untoldOption(_ name: String, of architecture: Architecture) -> Int?
}

/// A configuration of an ``InferringFamily``.
struct WholeOptions: FamilyConfiguration {
  let inferring: any InferringFamily
  let values: [String: Int]
  /// The name of the document that gave the options.
  let origin: String
  let notes: [String]

  var family: any Family { inferring }

  /// These options, completed by `others` where these leave an option out.
  func completed(by others: [String: Int]) -> Self {
    WholeOptions(
      inferring: inferring, values: values.merging(others) { own, _ in own }, origin: origin,
      notes: notes)
  }

  /// A sentence that names the options left out, with their defaults; nil where all are given. It is for a
  /// document without a checkpoint, where no shapes tell these options.
  var defaultsNote: String? {
    let missing = inferring.optionNames.filter { values[$0] == nil }.compactMap { name in
      inferring.defaults[name].map { "\(name) \($0)" }
    }
    guard !missing.isEmpty else { return nil }
    return
      "\(origin) leaves out what has its default then: \(missing.joined(separator: ", "))"
  }

  func value(of option: String, in family: any InferringFamily) -> Int? { values[option] }
  func gives(_ option: String) -> Bool { values[option] != nil }

  func architecture(hasHead: Bool?) throws -> Architecture {
    try inferring.architecture(values, origin: origin)
  }
}
