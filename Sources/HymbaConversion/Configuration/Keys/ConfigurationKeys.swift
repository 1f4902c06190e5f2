import HymbaFormat

/// What becomes of each option of a family's configuration file.
///
/// Each family has a table in a file of its own, with a line for every option of the original's configuration
/// class: it is read, it must have the value with which the original computes what is computed here, or nothing
/// that is computed depends on it. An option in no table is told of by ``note(on:origin:)``.
struct ConfigurationKeys: Sendable {
  /// The values with which an option means nothing, and why another would be another model. Null is one of them.
  struct Neutral: Sendable {
    let values: [JSONValue]
    let reason: String

    init(_ values: [JSONValue], _ reason: String) {
      self.values = values
      self.reason = reason
    }
  }

  /// Options that decide what is computed.
  let read: Set<String>
  /// Options that are not computed unless they are neutral.
  let neutral: [String: Neutral]
  /// Options that change nothing: of training, of generation, of where and how the original runs.
  let withoutEffect: Set<String>
  /// The option that gives a field of the architecture, by the field's name without its layer: what messages
  /// say of the field is about the option.
  let names: [String: String]

  init(
    read: Set<String>, neutral: [String: Neutral] = [:], withoutEffect: Set<String>,
    names: [String: String] = [:]
  ) {
    self.read = read
    self.neutral = neutral
    self.withoutEffect = withoutEffect
    self.names = names
  }

  /// This table and those of the class that the family's class extends.
  func extending(_ base: ConfigurationKeys) -> ConfigurationKeys {
    ConfigurationKeys(
      read: read.union(base.read), neutral: neutral.merging(base.neutral) { own, _ in own },
      withoutEffect: withoutEffect.union(base.withoutEffect).subtracting(read)
        .subtracting(neutral.keys),
      names: names.merging(base.names) { own, _ in own })
  }

  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an option that is not computed here.
  func requireNeutral(_ document: JSONValue) throws(ConversionError) {
    for (name, neutral) in neutral.sorted(by: { $0.key < $1.key }) {
      guard let value = document[name], value != .null, !neutral.values.contains(value) else {
        continue
      }
      let allowed = neutral.values.map(\.summary).joined(separator: " or ")
      throw .option(
        name, found: value.summary,
        expected: "\(allowed.isEmpty ? "nothing" : allowed): \(neutral.reason)")
    }
  }

  /// A sentence that names the options that are in no table; nil without any.
  func note(on document: JSONValue, origin: String) -> String? {
    guard case .object(let members) = document else { return nil }
    let unknown = members.keys.filter {
      !read.contains($0) && neutral[$0] == nil && !withoutEffect.contains($0)
    }.sorted { $0.utf8Precedes($1) }
    guard !unknown.isEmpty else { return nil }
    let shown = unknown.prefix(8).map { "“\($0.printable)”" }.joined(separator: ", ")
    let rest = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
    return
      "\(origin) has \(shown)\(rest), which \(unknown.count == 1 ? "is" : "are") not known here: if the original computes something else by \(unknown.count == 1 ? "it" : "them"), what is computed here is another model"
  }

  /// What a message calls a field of the architecture: the option that gives it.
  func name(ofField path: String) -> String {
    var field = path
    for prefix in ["layers.", "sharedBlock."] where field.hasPrefix(prefix) {
      field = String(field.dropFirst(prefix.count).drop { $0.isNumber || $0 == "." })
    }
    return names[field] ?? path
  }
}
