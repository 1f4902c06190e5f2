import HymbaFormat

/// What the metadata of an `.nx` file says: the spec, and whatever else is a text, a number or an atom.
struct EdificeMetadata {
  static let specKey = "__edifice_spec__"

  private(set) var entries: NameTable<String> = [:]
  /// `{"arch": …, "build_opts": {…}}`.
  private(set) var specText: String?
  /// What else there is, for people.
  private(set) var notes: [String] = []

  /// A file without metadata.
  init() {}

  init(_ term: Term) throws {
    // The caller of `Edifice.Checkpoint.save/3` may pass any term.
    guard case .map(let members) = term else { return }
    var others: [String] = []
    for (key, value) in members where key != .text(Self.specKey) {
      guard let name = key.text, let text = value.plainText else {
        others.append(key.summary)
        continue
      }
      // Of an atom and a binary with the same text, the binary wins: members come in no order.
      if case .atom = key, entries[name] != nil { continue }
      entries[name] = text
    }
    if !others.isEmpty { notes.append(Self.left(others.sorted { $0.utf8Precedes($1) })) }
    if let spec = members[.text(Self.specKey)] {
      guard case .map(let fields) = spec else {
        throw EdificeError.specInvalid("it is \(spec.summary), and must be a map")
      }
      for name in EdificeSpecification.metadataKeys {
        if let text = fields[.atom(name)]?.plainText { entries[name] = text }
      }
      specText = try EdificeSpec.json(of: fields)
    }
  }

  private static func left(_ names: [String]) -> String {
    "left aside of the metadata, as neither text nor number: \(names.prefix(6).joined(separator: ", "))"
      + (names.count > 6 ? " and \(names.count - 6) more" : "")
  }
}

extension Term {
  /// A text, atom or number as metadata shows it.
  fileprivate var plainText: String? {
    switch self {
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .atom, .binary: text
    case .list, .tuple, .map: nil
    }
  }
}
