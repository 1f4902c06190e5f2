import Testing

@testable import HymbaFormat

@Suite("Names as bytes")
struct NameBytesTests {
  private static let texts = [
    "", "a", "aa", "ab", "aab", "aaab", "abab", "layers.0._orig_mod.D", "é", "e\u{301}", "\u{301}",
    "x" + String(repeating: "a", count: 300) + "b",
  ]

  /// What the bytes say, looked at everywhere.
  private static func occurs(_ part: String, in text: String) -> Bool {
    let (part, text) = (Array(part.utf8), Array(text.utf8))
    return (0...text.count).contains { text[$0...].starts(with: part) }
  }

  @Test("a part occurs in a text where its bytes do", arguments: texts)
  func contains(_ part: String) {
    for text in Self.texts {
      #expect(text.utf8Contains(part) == Self.occurs(part, in: text), "\(part) in \(text)")
    }
  }

  @Test("an accent that is a character of its own is not part of the letter before it")
  func accents() {
    #expect("caf\u{65}\u{301}".utf8Contains("cafe") && !"caf\u{E9}".utf8Contains("e\u{301}"))
    #expect("caf\u{65}\u{301}".utf8Rest(after: "cafe") == "\u{301}")
    #expect("caf\u{65}\u{301}".utf8Rest(before: "\u{301}") == "cafe")
  }

  @Test("a beginning or an end is taken off where it is there")
  func rests() {
    #expect("model.norm".utf8Rest(after: "model.") == "norm")
    #expect("model.norm".utf8Rest(after: "norm") == nil)
    #expect("model.norm".utf8Rest(before: ".norm") == "model")
    #expect("norm".utf8Rest(before: "model.norm") == nil)
    #expect("norm".utf8Rest(before: "norm") == "" && "norm".utf8Rest(after: "") == "norm")
  }

  @Test("dots part a name, with empty parts where two meet")
  func parts() {
    #expect("a.b..\u{301}c.".dottedParts == ["a", "b", "", "\u{301}c", ""])
    #expect("a/b/\u{301}c".dotted.utf8.elementsEqual("a.b.\u{301}c".utf8))
  }
}
