import HymbaFormat
import HymbaModel

/// A family whose configuration is a few whole numbers, most of which the tensors' shapes tell, so that a
/// checkpoint can be opened without a configuration.
protocol InferringFamily: Family {
  /// The options that the network depends on, which a layout may `infer` and `assume`.
  var optionNames: [String] { get }
  /// The options that no shape tells, with the values that are assumed.
  var untold: [String: Int] { get }

  /// The defaults of the options that have one.
  var defaults: [String: Int] { get }

  /// The architecture of these options, with the family's defaults for the others.
  ///
  /// - Parameter origin: What gives the options, for messages.
  func architecture(
    _ options: [String: Int], origin: String
  ) throws(ConversionError) -> Architecture

  /// The options of an architecture, under all names that a configuration may have for them; nil where the family
  /// does not build it.
  func options(of architecture: Architecture) -> [String: Int]?

  /// An option of ``untold`` as an architecture of any family has it; nil where it has none.
  func untoldOption(_ name: String, of architecture: Architecture) -> Int?
}

/// A configuration of an ``InferringFamily``.
struct WholeOptions: FamilyConfiguration {
  let inferring: any InferringFamily
  let values: [String: Int]
  /// The name of the document.
  let origin: String
  let note: String?

  var family: any Family { inferring }

  /// The same options, and others where these leave them out.
  func completed(by others: [String: Int]) -> Self {
    WholeOptions(
      inferring: inferring, values: values.merging(others) { own, _ in own }, origin: origin,
      note: note)
  }

  /// A sentence that names the options that have their defaults, for a document without a checkpoint whose shapes
  /// would tell; nil without any.
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
