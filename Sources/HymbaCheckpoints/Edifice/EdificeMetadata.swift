import HymbaFormat

/// What the metadata of an `.nx` file says: the spec, and whatever else is a text, a number or an atom.
struct EdificeMetadata {
  static let specKey = "__edifice_spec__"

  private(set) var entries: NameTable<String> = [:]
  /// `{"arch": …, "build_opts": {…}}`.
  private(set) var specText: String?
  /// What else there is.
  private(set) var leftAside: [LeftAside] = []

  /// A file without metadata.
  init() {}

  /// Reads the whole section.
  /// - Throws: ``EdificeError``.
  init(from reader: inout TermReader) throws {
    var again = reader
    let term = try Term(from: &reader)
    var others: Set<Term> = []
    // The caller of `Edifice.Checkpoint.save/3` may pass any term.
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
      // Of an atom and a binary with the same text, the binary wins: members come in no order.
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

  /// Takes the spec's texts over; returns the names of what is neither one of those nor read.
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

  /// Bytes that the members with these keys take in the metadata, which is a map.
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
  /// A key as a list of names shows it.
  fileprivate var name: String { text.map { String($0.prefix(40)) } ?? summary }

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
