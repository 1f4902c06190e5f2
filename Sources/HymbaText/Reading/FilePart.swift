import HymbaFormat

/// A value of a tokenizer's file, with its path for messages.
struct FilePart {
  let path: String
  let value: JSONValue

  /// A member of this object; nil when it is null or missing.
  subscript(name: String) -> FilePart? {
    guard let member = value[name], member != .null else { return nil }
    return FilePart(path: "\(path).\(name)", value: member)
  }

  /// A member of this object.
  /// - Throws: ``TokenizerError/invalid(_:expected:)`` when it is null or missing.
  func required(_ name: String, _ expected: String) throws(TokenizerError) -> FilePart {
    guard let member = self[name] else { throw .invalid("\(path).\(name)", expected: expected) }
    return member
  }

  /// The kind of the part, which is its member `type`.
  func kind() throws(TokenizerError) -> String { try required("type", "a kind").string() }

  func string(_ expected: String = "a text") throws(TokenizerError) -> String {
    guard case .string(let text) = value else { throw .invalid(path, expected: expected) }
    return text
  }

  /// A text that a step puts into another one, as UTF-8.
  func insertedText() throws(TokenizerError) -> [UInt8] {
    let text = Array(try string().utf8)
    guard text.count <= Limits.insertedBytes else {
      throw .invalid(path, expected: "a text of at most \(Limits.insertedBytes) bytes")
    }
    return text
  }

  /// A text of one character.
  func scalar() throws(TokenizerError) -> Unicode.Scalar {
    let scalars = try string("one character").unicodeScalars
    guard let scalar = scalars.first, scalars.count == 1 else { throw .invalid(path, expected: "one character") }
    return scalar
  }

  func bool() throws(TokenizerError) -> Bool {
    guard case .bool(let value) = value else { throw .invalid(path, expected: "true or false") }
    return value
  }

  /// A whole number within a range.
  func integer(in range: ClosedRange<Int>) throws(TokenizerError) -> Int {
    guard case .integer(let number) = value, range.contains(number) else {
      throw .invalid(path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func list() throws(TokenizerError) -> [FilePart] {
    guard case .array(let values) = value else { throw .invalid(path, expected: "a list") }
    return values.enumerated().map { FilePart(path: "\(path)[\($0)]", value: $1) }
  }

  /// The names of the members.
  func names() throws(TokenizerError) -> [String] {
    guard case .object(let members) = value else { throw .invalid(path, expected: "an object") }
    return members.keys.sorted { $0.utf8Precedes($1) }
  }

  /// This part, or the parts of the sequence that it is, and of sequences within it.
  ///
  /// - Parameter members: The name of the list in a sequence.
  /// - Throws: ``TokenizerError``, and ``TokenizerError/tooMany(_:limit:)`` among them.
  func steps(_ members: String) throws(TokenizerError) -> [FilePart] {
    var steps: [FilePart] = []
    try collectSteps(members, into: &steps)
    return steps
  }

  private func collectSteps(_ members: String, into steps: inout [FilePart]) throws(TokenizerError) {
    if try kind() == "Sequence" {
      for part in try required(members, "a list").list() { try part.collectSteps(members, into: &steps) }
    } else {
      guard steps.count < Limits.sequenceSteps else { throw .tooMany("steps in \(path)", limit: Limits.sequenceSteps) }
      steps.append(self)
    }
  }

  /// Makes sure that there is no member besides these, because one that is passed over may change the ids.
  /// - Throws: ``TokenizerError/unsupported(_:_:)``.
  func requireOnly(_ known: String...) throws(TokenizerError) {
    for name in try names() where name != "type" && !known.contains(name) {
      throw .unsupported("\(path).\(name)", "is not known here")
    }
  }
}
