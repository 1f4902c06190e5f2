import HymbaFormat
import HymbaText
import Testing

@Suite("The ids at which a text begins and ends")
struct SequenceMarksTests {
  private static func document(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  private static func marks(
    generation: String? = nil, configuration: String? = nil, tokenizer: String? = nil
  ) throws -> SequenceMarks {
    try SequenceMarks(
      generation: generation.map(document), configuration: configuration.map(document),
      tokenizer: tokenizer.map(document), RecordedCases("llama-legacy").tokenizer)
  }

  @Test("the settings for generating count before the configuration, each mark by itself")
  func order() throws {
    let both = try Self.marks(
      generation: #"{"eos_token_id":[7,8]}"#, configuration: #"{"bos_token_id":5,"eos_token_id":6}"#)
    #expect(both == SequenceMarks(beginning: 5, ends: [7, 8]))
    let null = try Self.marks(
      generation: #"{"bos_token_id":null,"eos_token_id":[]}"#, configuration: #"{"eos_token_id":6}"#,
      tokenizer: #"{"bos_token":"<s>","eos_token":"</s>"}"#)
    #expect(null == SequenceMarks(beginning: 1, ends: [6]))
  }

  @Test("the tokenizer's own settings name tokens, as texts or as objects")
  func tokens() throws {
    let marks = try Self.marks(tokenizer: #"{"bos_token":{"content":"<s>","special":true},"eos_token":"</s>"}"#)
    #expect(marks == SequenceMarks(beginning: 1, ends: [2]))
    #expect(try Self.marks(tokenizer: #"{"bos_token":"<none>","eos_token":3}"#) == SequenceMarks(beginning: nil, ends: []))
  }

  @Test("a mark that is no id is refused", arguments: [#""a""#, "-1", "1.5", "[1,null]", "2147483648"])
  func refusal(_ value: String) throws {
    #expect(throws: TokenizerError.invalid("eos_token_id in config.json", expected: "an id or a list of ids")) {
      try Self.marks(configuration: #"{"eos_token_id":\#(value)}"#)
    }
  }
}
