import HymbaCheckpoints
import HymbaFormat
import HymbaText
import TestSupport
import Testing

@testable import HymbaConversion

/// The ids were recorded with llama.cpp itself, see the README of the fixtures.
@Suite("Tokenizers inside GGUF files")
struct LlamaCppTextTests {
  private static let folder = Fixture.folder("llamacpp-tokenizers")

  private static func kinds() throws -> [String] {
    try FileSystem.entries(of: folder).compactMap { $0.utf8Rest(before: ".cases.json") }.sorted()
  }

  private static func vocabulary(_ name: String) throws -> LlamaCppVocabulary {
    let bytes = try InputFile.contents(of: FileSystem.path(folder, "\(name).gguf"), limit: 1 << 24)
    return try #require(try LlamaCppVocabulary(GGUFKeys(file: bytes)))
  }

  private static func ids(_ value: JSONValue?) throws -> [Int] {
    guard case .array(let values)? = value else { throw FormatError.notFound }
    return values.compactMap(\.wholeNumber)
  }

  @Test("the ids of texts are those of llama.cpp", arguments: try kinds())
  func recorded(_ kind: String) throws {
    let file = FileSystem.path(Self.folder, "\(kind).cases.json")
    let document = try JSONValue(parsing: InputFile.contents(of: file, limit: 1 << 24))
    guard case .string(let name)? = document["vocabulary"], case .array(let cases)? = document["cases"] else {
      throw FormatError.notFound
    }
    var vocabulary = try Self.vocabulary(name)
    if case .string(let pre)? = document["pre"] { vocabulary.preTokenizer = pre }
    let tokenizer = try Tokenizer(vocabulary)
    #expect(cases.count > 250)
    var differences: [String] = []
    for row in cases {
      guard case .array(let row) = row, row.count == 3, case .string(let text) = row[0] else { throw FormatError.notFound }
      for (isAround, expected) in [(true, try Self.ids(row[1])), (false, try Self.ids(row[2]))] {
        let ids = try tokenizer.encode(text, addSpecialTokens: isAround)
        if ids != expected {
          differences.append("\(text.debugDescription) has the ids \(ids), and \(expected) are recorded")
        }
      }
    }
    #expect(differences.isEmpty, "\(differences.count) differences:\n\(differences.prefix(12).joined(separator: "\n"))")
  }

  @Test(
    "what llama.cpp would give other ids for, or refuse, is refused by name",
    arguments: [
      ("t5", "its tokenizer.ggml.model is “t5”"), ("pre", "its tokenizer.ggml.pre is “later”"),
      ("no pre", "it has no tokenizer.ggml.pre"), ("empty", "it has no tokens"),
      ("twice", "its tokens 0 and 1 are both “!”"), ("kinds", "its tokenizer.ggml.token_type has 3 values for 707 tokens"),
      ("beginning", "its tokenizer.ggml.bos_token_id is 9999, and it has 707 tokens"),
      ("merges", "it has no tokenizer.ggml.merges"), ("merge", "merge 1 is “ab”, and no pair"),
      ("scores", "it has no tokenizer.ggml.scores"), ("nan", "one of its scores is NaN"),
      ("byte", "it has no token <0x41>, and needs one for each of the 256 bytes"),
      ("letter", "its token 262, “㎏㎏”, has a character that is no token by itself"),
    ])
  func refused(_ change: String, _ why: String) throws {
    let isOfPieces = ["scores", "nan", "byte", "letter"].contains(change)
    var vocabulary = try Self.vocabulary(isOfPieces ? "characters" : "bytes")
    vocabulary.preTokenizer = "gpt-2"
    switch change {
    case "t5": vocabulary.model = "t5"
    case "pre": vocabulary.preTokenizer = "later"
    case "no pre": vocabulary.preTokenizer = nil
    case "empty": vocabulary.tokens = []
    case "twice": vocabulary.tokens[1] = vocabulary.tokens[0]
    case "kinds": vocabulary.kinds = [1, 1, 1]
    case "beginning": vocabulary.beginning = .init(id: 9999, isAdded: true)
    case "merges": vocabulary.merges = nil
    case "merge": vocabulary.merges?[0] = "ab"
    case "scores": vocabulary.scores = nil
    case "nan": vocabulary.scores?[300] = .nan
    case "byte": vocabulary.tokens[3 + 0x41] = "<0x4>"
    default: vocabulary.tokens[262] = "㎏㎏"
    }
    var found: String?
    do { _ = try Tokenizer(vocabulary) } catch { found = "\(error)" }
    #expect(found == "the tokenizer inside the GGUF file is not read: \(why)")
  }
}
