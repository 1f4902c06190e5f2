import HymbaFormat

/// All options of a family's configuration, one in each row. ``notes(on:origin:)`` names the options of a
/// document that have no row.
///
/// Each family has its table in a file of its own, with a row for every option of the configuration class of
/// the original.
struct OptionTable: Sendable {
  /// The options in the order of the table: first the family's own, then those of the class that the family's
  /// class extends.
  let options: [ConfigurationOption]
  private let rows: [String: ConfigurationOption]
  /// The names that messages use for fields that several options give together, by the field: an expression of
  /// the options.
  private let products: [String: String]

  /// - Parameters:
  ///   - own: The rows of the family. They replace rows of `base` with the same names.
  ///   - products: For a field named without its layer, the expression of the options that give it together.
  ///   - others: The names of options that change nothing.
  ///   - base: The table of the class that the family's class extends.
  init(
    _ own: [ConfigurationOption], products: [String: String] = [:],
    withoutEffect others: [String] = [],
    extending base: OptionTable? = nil
  ) {
    let own = own + others.map { .withoutEffect($0) }
    let names = Set(own.map(\.name))
    self.options = own + (base?.options ?? []).filter { !names.contains($0.name) }
    self.rows = Dictionary(
      options.flatMap { option in option.names.map { ($0, option) } }
    ) { first, _ in first }
    self.products = products.merging(base?.products ?? [:]) { own, _ in own }
  }

  subscript(name: String) -> ConfigurationOption? { rows[name] }

  /// Checks the options that are only allowed a few values.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for the first of them, by name, with another
  ///   value.
  func requireNeutral(_ document: JSONValue) throws(ConversionError) {
    for option in options.sorted(by: { $0.name < $1.name }) {
      guard case .neutral(let values, let reason) = option.use, let value = document[option.name],
        value != .null, !values.contains(value)
      else { continue }
      let allowed = values.map(\.summary).joined(separator: " or ")
      throw .option(
        option.name, found: value.summary,
        expected: "\(allowed.isEmpty ? "nothing" : allowed): \(reason)")
    }
  }

  /// Checks that an option that is given under several of its names has one value.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for the first that has two.
  func requireAgreement(_ document: JSONValue) throws(ConversionError) {
    for option in options {
      let given = option.names.compactMap { name in
        document[name].flatMap { $0 == .null ? nil : (name: name, value: $0) }
      }
      guard let first = given.first,
        let other = given.dropFirst().first(where: { !$0.value.isSame(as: first.value) })
      else { continue }
      let isList = if case .array = first.value { true } else { false }
      throw .option(
        other.name, found: other.value.summary,
        expected: isList ? "the same as \(first.name)" : "\(first.name), \(first.value.summary)")
    }
  }

  /// A sentence that names the options of a document that have no row; none where every option has one.
  func notes(on document: JSONValue, origin: String) -> [String] {
    guard case .object(let members) = document else { return [] }
    let unknown = members.keys.filter { rows[$0] == nil }.sorted { $0.utf8Precedes($1) }
    guard !unknown.isEmpty else { return [] }
    let shown = unknown.prefix(8).map { "“\($0.printable)”" }.joined(separator: ", ")
    let rest = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
    return [
      "\(origin) has \(shown)\(rest), which \(unknown.count == 1 ? "is" : "are") not known here: if the original computes something else by \(unknown.count == 1 ? "it" : "them"), what is computed here is another model"
    ]
  }

  /// The name that messages use for a field of the architecture: the option that gives it, or an expression of
  /// several. It is `path` itself where no option gives the field.
  func name(ofField path: String) -> String {
    var field = path
    for prefix in ["layers.", "sharedBlock."] where field.hasPrefix(prefix) {
      field = String(field.dropFirst(prefix.count).drop { $0.isNumber || $0 == "." })
    }
    return products[field] ?? options.first { $0.fields.contains(field) }?.name ?? path
  }

  /// All names that messages use for fields.
  var fieldNames: [String] {
    products.values + options.filter { !$0.fields.isEmpty }.map(\.name)
  }

  /// A configuration document that describes a model. It has every option whose writer gives a value.
  func document(of model: DescribedModel) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for option in options { members[option.name] = option.writer?(model)?.option }
    return .object(members)
  }
}
