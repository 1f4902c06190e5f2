package import HymbaFormat

/// The spec in an `.nx` file: which network, built with which options, saved by what and when.
package struct EdificeSpecification: Hashable, Sendable {
  /// The spec as JSON, `{"arch": "hymba", "build_opts": {…}}`, as `EdificeSource` gives it.
  package var configuration: JSONValue
  /// The version of Edifice; `unknown` when nobody knows it, as Edifice itself writes.
  package var edificeVersion: String
  /// The version of Nx; `unknown` when nobody knows it.
  package var nxVersion: String
  /// When the checkpoint was saved: ISO 8601, UTC.
  package var createdAt: String
  /// Whether the network belongs to another library.
  package var isExternal: Bool

  /// - Parameters:
  ///   - configuration: The spec as JSON.
  ///   - metadata: The metadata of the original, as `EdificeSource` gives it. Its versions and time are kept.
  ///   - now: The time of writing, for metadata without a time: ISO 8601, UTC.
  package init(configuration: JSONValue, metadata: NameTable<String>, now: String) {
    self.configuration = configuration
    self.edificeVersion = metadata["edifice_version"] ?? "unknown"
    self.nxVersion = metadata["nx_version"] ?? "unknown"
    self.createdAt = metadata["created_at"] ?? now
    self.isExternal = metadata["external"] == "true"
  }

  /// The keys of a source's metadata that belong to the spec.
  package static let metadataKeys: Set = ["edifice_version", "nx_version", "created_at", "external"]

  /// Names of the options whose values are floats.
  private static let fractions: Set = ["dropout"]

  /// The map that stands in the metadata under the spec's key.
  /// - Throws: ``EdificeWritingError/specInvalid(_:)``.
  func term() throws(EdificeWritingError) -> Term {
    guard case .string(let arch)? = configuration["arch"] else {
      throw .specInvalid("it has no “arch”")
    }
    guard case .object(let options)? = configuration["build_opts"] else {
      throw .specInvalid("it has no “build_opts”")
    }
    var pairs: [Term] = []
    for (name, value) in options.sorted(by: { $0.key.utf8Precedes($1.key) }) {
      var term = try Self.term(value)
      // JSON may write the float 0.0 as 0.
      if Self.fractions.contains(name), case .integer(let whole) = term {
        term = .float(Double(whole))
      }
      pairs.append(.tuple([try Self.atom(name), term]))
    }
    return .map([
      .atom("arch"): try Self.atom(arch), .atom("build_opts"): .list(pairs),
      .atom("edifice_version"): .text(edificeVersion), .atom("nx_version"): .text(nxVersion),
      .atom("created_at"): .text(createdAt),
      .atom("external"): .atom(isExternal ? "true" : "false"),
    ])
  }

  /// The reverse of reading. A string becomes an atom, as nearly all of Edifice's options are that are not
  /// numbers.
  private static func term(_ value: JSONValue) throws(EdificeWritingError) -> Term {
    switch value {
    case .null: return .atom("nil")
    case .bool(let value): return .atom(value ? "true" : "false")
    case .integer(let value): return .integer(value)
    case .number(let value):
      guard value.isFinite else { throw .specInvalid("Erlang has no number \(value)") }
      return .float(value)
    case .large: throw .specInvalid("no option of Edifice's is \(value.summary)")
    case .string(let text): return try atom(text)
    case .array(let elements):
      return .list(try elements.map { element throws(EdificeWritingError) in try term(element) })
    case .object(let members):
      var terms: [Term: Term] = [:]
      for (key, value) in members { terms[try atom(key)] = try term(value) }
      return .map(terms)
    }
  }

  private static func atom(_ name: String) throws(EdificeWritingError) -> Term {
    guard name.utf8.count <= Limits.atomCharacters else {
      throw .specInvalid("“\(name.prefix(40).description.printable)…” is too long for an atom")
    }
    return .atom(name)
  }
}
