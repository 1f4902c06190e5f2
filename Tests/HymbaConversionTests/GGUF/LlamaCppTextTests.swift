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
}
