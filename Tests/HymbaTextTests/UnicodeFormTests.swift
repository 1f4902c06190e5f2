import HymbaText
import TestSupport
import Testing

/// A tokenizer of one token for each of some characters, behind a form of Unicode. The expected texts follow from Unicode's
/// own tables: the decompositions of the characters named.
@Suite("Forms of Unicode of long texts")
struct UnicodeFormTests {
  static func ids(_ form: String, _ tokens: [String], _ text: String) throws -> [Int] {
    let vocabulary = tokens.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
    let file =
      #"{"version":"1.0","normalizer":{"type":"\#(form)"},"model":{"type":"BPE","vocab":{\#(vocabulary)},"merges":[]}}"#
    return try Tokenizer(json: Array(file.utf8)).encode(text)
  }

  @Test(
    "a text of many pieces has the form that each of its characters has",
    arguments: [
      ("NFC", "e\u{301}", "\u{E9}"), ("NFD", "\u{E9}", "e\u{301}"), ("NFKC", "\u{FB01}", "fi"),
      ("NFC", "\u{1100}\u{1161}\u{11A8}", "\u{AC01}"), ("NFD", "\u{AC01}", "\u{1100}\u{1161}\u{11A8}"),
      // A mark of half the width is one of the whole width, and joins the letter.
      ("NFKC", "\u{FF76}\u{FF9E}", "\u{30AC}"), ("NFKD", "\u{30AC}", "\u{30AB}\u{3099}"),
      // The marks change places.
      ("NFD", "q\u{307}\u{323}", "q\u{323}\u{307}"), ("NFC", "\u{995}\u{9C7}\u{9BE}", "\u{995}\u{9CB}"),
    ])
  func pieces(_ form: String, _ text: String, _ expected: String) throws {
    var tokens: [String] = []
    for scalar in expected.unicodeScalars where !tokens.contains(where: { $0.unicodeScalars.elementsEqual([scalar]) }) {
      tokens.append(String(scalar))
    }
    let one = expected.unicodeScalars.compactMap { scalar in
      tokens.firstIndex { $0.unicodeScalars.elementsEqual([scalar]) }
    }
    let count = 10_000
    // The shift moves the places at which pieces may end.
    for shift in 0..<3 {
      let ids = try Self.ids(form, tokens, String(repeating: "\n", count: shift) + String(repeating: text, count: count))
      #expect(ids == Array(repeatElement(one, count: count).joined()), "\(shift)")
    }
  }

  @Test("a megabyte of the widest character takes no longer for each of them", .timeLimit(.minutes(1)))
  func widest() throws {
    // The letters of its compatible form, which are the 18 of the phrase that it stands for.
    let phrase = "\u{635}\u{644}\u{649} \u{627}\u{644}\u{644}\u{647} \u{639}\u{644}\u{64A}\u{647} \u{648}\u{633}\u{644}\u{645}"
    let letters = Set(phrase.unicodeScalars).sorted().map { String($0) }
    let ids = try Self.ids("NFKC", letters, String(repeating: "\u{FDFA}", count: 333_334))
    #expect(ids.count == 333_334 * 18)
    #expect(ids.prefix(18).map { letters[$0] }.joined().unicodeScalars.elementsEqual(phrase.unicodeScalars))
  }
}
