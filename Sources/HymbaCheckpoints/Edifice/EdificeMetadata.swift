import HymbaFormat

/// The metadata of an `.nx` file: the spec, and every other entry that is a text, a number or an atom.
struct EdificeMetadata {
  static let specKey = "__edifice_spec__"

  private(set) var entries: NameTable<String> = [:]
  /// The spec as JSON, `{"arch": …, "build_opts": {…}}`; nil when there is none.
  private(set) var specText: String?
  /// What the metadata holds besides.
  private(set) var leftAside: [LeftAside] = []

  /// The metadata of a file that has none.
  init() {}

  /// Reads the whole metadata section.
  /// - Throws: ``EdificeError``.
  init(from reader: inout TermReader) throws {
    var again = reader
    let term = try Term(from: &reader)
    var others: Set<Term> = []
    // The metadata may be any term, as the caller of `Edifice.Checkpoint.save/3` can pass any.
    guard case .map(let members) = term else {
      guard term != .list([]) else { return }
      leftAside = [LeftAside(.notTensors, names: ["the metadata"], bytes: reader.bytesRead)]
      return
    }
    for (key, value) in members where key != .text(Self.specKey) {
      guard let name = key.text, let text = value.plainText else {
        others.insert(key)
        continue
      }
      // When an atom and a binary have the same text, the binary wins, because members have no order.
      if case .atom = key, members[.text(name)]?.plainText != nil {
        others.insert(key)
        continue
      }
      entries[name] = text
    }
    var names = others.map(\.name)
    if let spec = members[.text(Self.specKey)] {
      guard case .map(let fields) = spec else {
        throw EdificeError.specInvalid("it is \(spec.summary), and must be a map")
      }
      specText = try EdificeSpec.json(of: fields)
      names += read(fields)
    }
    guard !names.isEmpty else { return }
    leftAside = [
      LeftAside(
        .notTensors, names: names.sorted { $0.utf8Precedes($1) },
        bytes: try Self.bytes(of: others, from: &again))
    ]
  }

  /// Adds the texts of the spec to ``entries``.
  /// - Returns: The names of the fields that are not read at all.
  private mutating func read(_ fields: [Term: Term]) -> [String] {
    var others: [String] = []
    for (key, value) in fields where !EdificeSpec.keys.contains(key) {
      guard let name = EdificeSpecification.metadataKeys.first(where: { key == .atom($0) }),
        let text = value.plainText
      else {
        others.append("\(Self.specKey).\(key.name)")
        continue
      }
      entries[name] = text
    }
    return others
  }

  /// Bytes that the members with these keys take in the metadata.
  private static func bytes(
    of keys: Set<Term>, from reader: inout TermReader
  ) throws(EdificeError) -> Int {
    guard !keys.isEmpty, case .map(let count) = try reader.readHead() else { return 0 }
    var bytes = 0
    try reader.descend { reader throws(EdificeError) in
      for _ in 0..<count {
        let start = reader.bytesRead
        let key = try Term(from: &reader)
        _ = try Term(from: &reader)
        if keys.contains(key) { bytes += reader.bytesRead - start }
      }
    }
    return bytes
  }
}

extension Term {
  /// The key as a list of names shows it, at most 40 characters.
  fileprivate var name: String { text.map { String($0.prefix(40)) } ?? summary }

  /// A text, atom or number as metadata shows it; nil for a list, tuple or map.
  fileprivate var plainText: String? {
    switch self {
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .atom, .binary: text
    case .list, .tuple, .map: nil
    }
  }
}
