import HymbaFormat

/// The tokens of a model and their ids.
struct Vocabulary: Sendable {
  private var ids: NameTable<Int>
  private var tokens: [Int: String]
  private(set) var largestID = -1

  init(minimumCapacity: Int = 0) {
    ids = NameTable(minimumCapacity: minimumCapacity)
    tokens = Dictionary(minimumCapacity: minimumCapacity)
  }

  var count: Int { tokens.count }

  /// Adds a token.
  /// - Throws: ``TokenizerError/invalid(_:expected:)`` for an id out of range, ``TokenizerError/repeatedID(_:_:_:)``.
  mutating func insert(_ token: String, _ id: Int) throws(TokenizerError) {
    guard (0..<Limits.tokenIDs).contains(id) else {
      throw .invalid("model.vocab[\(token)]", expected: "an id from 0 to \(Limits.tokenIDs - 1)")
    }
    if let other = tokens.updateValue(token, forKey: id) { throw .repeatedID(id, other, token) }
    ids[token] = id
    largestID = max(largestID, id)
  }

  func id(of token: String) -> Int? { ids[token] }
  func token(for id: Int) -> String? { tokens[id] }

  /// The ids of the tokens that are one character.
  func characters() -> [UInt32: Int] {
    var table: [UInt32: Int] = [:]
    for (id, token) in tokens where token.utf8.count <= 4 {
      var scalars = token.unicodeScalars.makeIterator()
      if let scalar = scalars.next(), scalars.next() == nil { table[scalar.value] = id }
    }
    return table
  }
}
