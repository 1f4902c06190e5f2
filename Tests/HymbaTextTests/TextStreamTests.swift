import HymbaText
import TestSupport
import Testing

@Suite("Text from ids that come one by one")
struct TextStreamTests {
  @Test("a character appears when its last byte is there, and never in parts")
  func character() throws {
    let tokenizer = try RecordedCases("gpt2").tokenizer
    // The corpus has no such letter, so its bytes are tokens.
    let ids = try tokenizer.encode("a𝔘b", addSpecialTokens: false)
    var stream = tokenizer.stream()
    var parts = ids.map { stream.append($0) }
    parts.append(stream.finish())
    #expect(parts.joined() == "a𝔘b")
    #expect(parts.allSatisfy { !$0.contains("\u{FFFD}") })
    #expect(parts.contains(""), "something was held back")
  }

  @Test("bytes that never become a character are shown at the end")
  func unfinished() throws {
    let tokenizer = try RecordedCases("gpt2").tokenizer
    let ids = try tokenizer.encode("𝔘", addSpecialTokens: false)
    var stream = tokenizer.stream()
    #expect(ids.dropLast().map { stream.append($0) }.joined() == "")
    #expect(stream.finish() == "\u{FFFD}")
  }

  @Test("a row of tokens for bytes is held back as a whole, and is wrong as a whole")
  func row() throws {
    let tokenizer = try RecordedCases("llama-legacy").tokenizer
    let bytes = try ["<0xC3>", "<0xA9>", "<0xC3>"].map { try #require(tokenizer.id(of: $0)) }
    let letter = try #require(tokenizer.id(of: "x"))
    var stream = tokenizer.stream()
    #expect((bytes.prefix(2) + [letter]).map { stream.append($0) } == ["", "", "éx"])
    #expect(tokenizer.decode(bytes + [letter]) == "\u{FFFD}\u{FFFD}\u{FFFD}x")
  }

  @Test("the space in front of a text is taken away once")
  func space() throws {
    let tokenizer = try RecordedCases("llama-legacy").tokenizer
    let mark = try #require(tokenizer.id(of: "▁"))
    var stream = tokenizer.stream()
    #expect([mark, mark, mark].map { stream.append($0) } == ["", " ", " "])
  }

  @Test("ids without a token and special tokens give no text")
  func nothing() throws {
    let tokenizer = try RecordedCases("llama-legacy").tokenizer
    var stream = tokenizer.stream()
    #expect([-1, 1, Int.max, tokenizer.idBound].map { stream.append($0) }.joined() + stream.finish() == "")
    #expect(tokenizer.decode([1], skipSpecialTokens: false) == "<s>")
  }
}
