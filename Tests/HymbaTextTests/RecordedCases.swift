import HymbaFormat
import HymbaText
import TestSupport

/// A tokenizer and what Hugging Face's tokenizers made of texts with it.
struct RecordedCases {
  let tokenizer: Tokenizer
  let cases: [Case]

  struct Case {
    let text: String
    /// The ids of the text with the special tokens around it, and without.
    let ids, bareIDs: [Int]
    /// The text of ``ids`` without special tokens.
    let decoded: String
    /// Other ids, and their text without special tokens and with them.
    let otherIDs: [Int]
    let otherText, otherTextWithSpecial: String
  }

  /// The kinds that are recorded in a folder, sorted.
  static func kinds(in folder: String) throws -> [String] {
    try FileSystem.entries(of: folder).compactMap { $0.utf8Rest(before: ".cases.json") }.sorted()
  }

  init(_ kind: String, in folder: String = Fixture.folder("tokenizers")) throws {
    let recorded = try Self.read(kind, folder)
    cases = recorded.cases
    tokenizer = try Tokenizer(json: recorded.file)
  }

  /// The `tokenizer.json` of a kind.
  static func file(_ kind: String) throws -> [UInt8] { try read(kind, Fixture.folder("tokenizers")).file }

  private static func read(_ kind: String, _ folder: String) throws -> (file: [UInt8], cases: [Case]) {
    func contents(_ name: String) throws -> [UInt8] {
      try InputFile.contents(of: FileSystem.path(folder, name), limit: 1 << 30)
    }
    var (model, options, members): (String, [UInt8], [UInt8]) = ("", [], [])
    var cases: [Case] = []
    var reader = try JSONReader(try contents(kind + ".cases.json"))
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "model": model = try reader.readString()
      case "options": options = try reader.readRawValue()
      case "members": members = try reader.readRawValue()
      case "cases":
        try reader.readArray { reader throws(FormatError) in cases.append(try Case(try JSONValue(from: &reader))) }
      default: try reader.skipValue()
      }
    }
    let file =
      Array("{\"version\":\"1.0\",\"model\":".utf8) + joined(try contents(model + ".json"), options)
      + Array(",".utf8) + members.dropFirst()
    return (file, cases)
  }

  /// One object of the members of two.
  private static func joined(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
    other.count <= 2 ? one : one.dropLast() + Array(",".utf8) + other.dropFirst()
  }
}

extension RecordedCases.Case {
  init(_ row: JSONValue) throws(FormatError) {
    guard case .array(let row) = row, row.count == 7,
      case (.string(let text), .string(let decoded)) = (row[0], row[3]),
      case (.string(let other), .string(let withSpecial)) = (row[5], row[6])
    else { throw .notFound }
    (self.text, self.decoded, otherText, otherTextWithSpecial) = (text, decoded, other, withSpecial)
    (ids, bareIDs, otherIDs) = (Self.ids(row[1]), Self.ids(row[2]), Self.ids(row[4]))
  }

  private static func ids(_ value: JSONValue) -> [Int] {
    guard case .array(let values) = value else { return [] }
    return values.compactMap { if case .integer(let id) = $0 { id } else { nil } }
  }

  /// What this tokenizer makes of the case otherwise than recorded, a sentence each.
  func differences(_ tokenizer: Tokenizer) throws -> [String] {
    var found: [String] = []
    let shown = text.debugDescription
    let encoded = try tokenizer.encode(text)
    if encoded != ids { found.append("\(shown) has the ids \(encoded), and \(ids) are recorded") }
    let bare = try tokenizer.encode(utf8: Array(text.utf8), addSpecialTokens: false)
    if bare != bareIDs { found.append("\(shown) alone has the ids \(bare), and \(bareIDs) are recorded") }
    for (ids, skip, text) in [
      (ids, true, decoded), (otherIDs, true, otherText), (otherIDs, false, otherTextWithSpecial),
    ] {
      let result = tokenizer.decode(ids, skipSpecialTokens: skip)
      // Equality of strings would take canonical equivalents for equal.
      if !result.utf8.elementsEqual(text.utf8) {
        found.append("\(ids) are \(result.debugDescription), and \(text.debugDescription) is recorded")
      }
    }
    return found
  }
}
