import FoundationEssentials
import HymbaFormat
package import HymbaModel

/// What a card says, as far as it can be compared with a model or matters to its reader.
package struct CardClaim: Sendable {
  /// The version of the form that is written and read.
  static let version = 1

  package let date: String
  /// Whether everything that was checked then passed.
  package let passed: Bool
  /// The name of the checkpoint then.
  package let source: String
  /// Nil where the verification ended at a damaged tensor.
  package let fingerprint: String?
  package let architecture: Architecture
  /// The names of the checks, by their outcome.
  package let checks: [(name: String, outcome: String)]
  /// The name of the reference, and the number of captures that were compared with it; nil for none.
  package let reference: (name: String, captures: Int)?
  /// How many of the sequences that were run were compared, in words; nil where all were, or none.
  package let coverage: String?
  /// The name and the version of the program that verified.
  package let tool: String

  /// Reads a card.
  /// - Throws: ``VerificationError/card(_:)`` for a document that is no card of this form, ``FormatError/json(_:offset:)``
  ///   for a text that is not JSON, and the errors of reading the file, all with the path in front.
  package init(_ path: String) throws {
    self = try naming(path) {
      if FileSystem.isDirectory(path) { throw VerificationError.card(Self.swapped) }
      let file = try InputFile(path)
      let start = try file.bytes(at: 0, count: min(64, file.byteCount))
      // A text in JSON has no zero byte, and the length before a header of tensors has some.
      if start.prefix(8).contains(0) { throw VerificationError.card(Self.swapped) }
      return try Self(try JSONValue(parsing: InputFile.document(path, limit: Limits.cardBytes)))
    }
  }

  private static let swapped = "this is a checkpoint and no card; the card comes first, and then the checkpoint"

  private init(_ json: JSONValue) throws {
    guard case .integer(let version)? = json["card"] else {
      throw VerificationError.card(
        "this is no card of a verification, which forward --card writes and which has its version under “card”")
    }
    guard version == Self.version else {
      throw VerificationError.card(
        "this card has form \(version), and only form \(Self.version) is known here; a newer hymba-verify may read it")
    }
    let model = try json.member("model")
    self.date = try json.text("date")
    self.passed = try json.truth("passed")
    self.source = try model.text("source")
    self.fingerprint = try model.textOrNull("fingerprint")
    do {
      self.architecture = try Architecture(
        json: Array(JSONEncoder().encode(try model.member("architecture"))))
    } catch let error as ModelError {
      throw VerificationError.card("its architecture cannot be read: \(error)")
    }
    self.checks = try json.list("checks").map { (try $0.text("name"), try $0.text("outcome")) }
    if case .object? = json["reference"] {
      self.reference = (
        try json.member("reference").text("name"), try json.list("captures").count
      )
    } else {
      self.reference = nil
    }
    self.coverage = Self.coverage(try json.list("captures"), input: json["input"])
    let tool = try json.member("tool")
    self.tool = "\(try tool.text("name")) \(try tool.text("version"))"
    try requireAgreement(captures: try json.list("captures").map { try $0.truth("passed") })
  }

  /// Cards of older programs do not tell how many sequences were compared.
  private static func coverage(_ captures: [JSONValue], input: JSONValue?) -> String? {
    guard case .array(let shape)? = input?["shape"], case .integer(let run)? = shape.first else { return nil }
    let counts = captures.compactMap { capture -> Int? in
      if case .integer(let count)? = capture["sequences"] { Int(exactly: count) } else { nil }
    }
    return Int(exactly: run).flatMap { ComparedSequences(counts, of: $0)?.words }
  }

  /// Checks that the verdict of a card is that of its checks and captures, as it is in every card that is written.
  /// - Parameter captures: Whether each compared capture passed.
  /// - Throws: ``VerificationError/card(_:)``.
  private func requireAgreement(captures: [Bool]) throws(VerificationError) {
    if let unknown = checks.first(where: { Check.Outcome(rawValue: $0.outcome) == nil }) {
      throw .card("the outcome of its check “\(unknown.name.printable)” is no known one")
    }
    let run = checks.filter { $0.outcome != Check.Outcome.notRun.rawValue }
    let good = [Check.Outcome.passed, .warned].map(\.rawValue)
    let follows = !run.isEmpty && run.allSatisfy { good.contains($0.outcome) }
    guard passed == follows, !passed || captures.allSatisfy(\.self) else {
      throw .card("its verdict is not that of its checks, so that somebody has changed it")
    }
  }
}

extension Limits {
  /// The largest card that is read, in bytes: 4,096 layers with all their captures take less.
  fileprivate static let cardBytes = 64 << 20
}

extension JSONValue {
  fileprivate func member(_ key: String) throws(VerificationError) -> JSONValue {
    guard let value = self[key] else {
      throw .card("this is no whole card of a verification: “\(key)” is missing")
    }
    return value
  }

  private func wrong(_ key: String, _ expected: String) -> VerificationError {
    .card("“\(key)” is \(self[key]?.summary ?? "missing"); expected \(expected)")
  }

  fileprivate func text(_ key: String) throws(VerificationError) -> String {
    guard case .string(let text) = try member(key) else { throw wrong(key, "a text") }
    return text
  }

  fileprivate func textOrNull(_ key: String) throws(VerificationError) -> String? {
    if case .null = try member(key) { return nil }
    return try text(key)
  }

  fileprivate func truth(_ key: String) throws(VerificationError) -> Bool {
    guard case .bool(let value) = try member(key) else { throw wrong(key, "true or false") }
    return value
  }

  fileprivate func list(_ key: String) throws(VerificationError) -> [JSONValue] {
    guard case .array(let elements) = try member(key) else { throw wrong(key, "a list") }
    return elements
  }
}
