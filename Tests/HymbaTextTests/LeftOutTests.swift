import HymbaText
import Testing

@Suite("Characters without a token")
struct LeftOutTests {
  /// Tokens for a, b and ab, and more members of the model.
  private static func encoded(_ text: String, _ more: String = "", splitter: String = "null") throws -> EncodedText {
    let file =
      #"{"version":"1.0","pre_tokenizer":\#(splitter),"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"?":3},"#
      + #""merges":["a b"]\#(more)}}"#
    return try Tokenizer(json: Array(file.utf8)).encoded(utf8: Array(text.utf8))
  }

  @Test("are counted, each time they come")
  func counted() throws {
    let text = try Self.encoded("abéc abé")
    #expect(text.ids == [2, 2] && text.leftOut == 4)
    // The words of a text are remembered with what they left out.
    let words = try Self.encoded("éa éa éa", splitter: #"{"type":"Whitespace"}"#)
    #expect(words.ids == [0, 0, 0] && words.leftOut == 3)
  }

  @Test("are none where unknown ones have a token")
  func unknown() throws {
    let text = try Self.encoded("aéb", #","unk_token":"?""#)
    #expect(text.ids == [0, 3, 1] && text.leftOut == 0)
  }
}
