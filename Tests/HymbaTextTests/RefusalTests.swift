import HymbaFormat
import HymbaText
import Testing

@Suite("Files of tokenizers that are refused")
struct RefusalTests {
  /// A file with other members than those of a small tokenizer.
  private static func file(_ members: String = "", model: String = "") -> String {
    #"{"version":"1.0"\#(members.isEmpty ? "" : "," + members),"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"#
      + #""merges":["a b"]\#(model.isEmpty ? "" : "," + model)}}"#
  }

  private static func model(_ text: String) -> String { #"{"model":\#(text)}"# }
  private static func splitter(_ text: String) -> String { file(#""pre_tokenizer":\#(text)"#) }
  private static func normalizer(_ text: String) -> String { file(#""normalizer":\#(text)"#) }
  private static func decoder(_ text: String) -> String { file(#""decoder":\#(text)"#) }
  private static func processor(_ text: String) -> String { file(#""post_processor":\#(text)"#) }

  private static func added(_ members: String) -> String {
    file(
      #""added_tokens":[{\#(members),"single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]"#)
  }

  static let refused: [(String, String)] = [
    ("{", "not valid JSON"),
    ("[]", "expected an object"),
    ("{}", "its model is not there"),
    (file(#""other":1"#), "its other is not known here"),
    (model(#"[]"#), "its model is not an object"),
    (
      normalizer(#"{"type":"Replace","pattern":{"String":"a","Regex":"b"},"content":""}"#),
      "its normalizer.pattern is not a String or a Regex alone"
    ),
    (model(#"{"type":"Unigram","vocab":[["a",0.0]]}"#), "its model is of the kind Unigram"),
    (model(#"{"type":"BPE","vocab":[],"merges":[]}"#), "its model.vocab is not an object of tokens and ids"),
    (model(#"{"type":"BPE","vocab":{"a":0.5},"merges":[]}"#), "a whole number"),
    (model(#"{"type":"BPE","vocab":{"a":-1},"merges":[]}"#), "is not an id from 0"),
    (model(#"{"type":"BPE","vocab":{"a":2147483648},"merges":[]}"#), "is not an id from 0"),
    (model(#"{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}"#), "the tokens “a” and “b” both have the id 0"),
    (model(#"{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}"#), "“a”"),
    (model(#"{"type":"BPE","vocab":{"a":0},"merges":["a c"]}"#), "merge 1 needs the token “c”"),
    (model(#"{"type":"BPE","vocab":{"a":0},"merges":[["a","a"]]}"#), "merge 1 needs the token “aa”"),
    (model(#"{"type":"BPE","vocab":{"a":0},"merges":["a  a"]}"#), "its model.merges is not a list of pairs"),
    (model(#"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#), "its model.merges is not a list of pairs"),
    (file(model: #""dropout":0.1"#), "its model.dropout is not zero"),
    (file(model: #""end_of_word_suffix":"</w>""#), "its model.end_of_word_suffix is not supported"),
    (file(model: #""continuing_subword_prefix":"@@""#), "its model.continuing_subword_prefix is not supported"),
    (file(model: #""fuse_unk":1"#), "its model.fuse_unk is not true or false"),
    (file(model: #""later":1"#), "its model.later is not known here"),
    (normalizer(#"{"type":"Precompiled","precompiled_charsmap":""}"#), "its normalizer is of the kind Precompiled"),
    (normalizer(#"{"type":"Strip"}"#), "its normalizer.strip_left is not true or false"),
    (normalizer(#"{"type":"Replace","pattern":{"Regex":"(a"},"content":""}"#), "the pattern “(a” cannot be used"),
    (normalizer(#"{"type":"Replace","pattern":{"String":""},"content":"a"}"#), "is empty"),
    (normalizer(#"{"type":"Replace","pattern":"a","content":""}"#), "is not a String or a Regex"),
    (splitter(#"{"type":"UnicodeScripts"}"#), "its pre-tokenizer is of the kind UnicodeScripts"),
    (splitter(#"{"type":"Split","pattern":{"String":" "},"behavior":"Gone","invert":false}"#), "of the kind Gone"),
    (splitter(#"{"type":"Metaspace","replacement":"xy"}"#), "is not one character"),
    (splitter(#"{"type":"Metaspace","replacement":"_","prepend_scheme":"last"}"#), "of the kind last"),
    (splitter(#"{"type":"Metaspace","replacement":"_","add_prefix_space":false}"#), "add_prefix_space is false"),
    (splitter(#"{"type":"ByteLevel"}"#), "add_prefix_space is not true or false"),
    (
      splitter(
        #"{"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":true},{"type":"ByteLevel","add_prefix_space":true}]}"#
      ), "is the second ByteLevel"
    ),
    (
      splitter(
        #"{"type":"Sequence","pretokenizers":[\#(repeatElement(#"{"type":"Whitespace"}"#, count: 65).joined(separator: ","))]}"#
      ), "it has more than 64 steps in pre_tokenizer"
    ),
    (
      file(
        #""added_tokens":[\#(repeatElement(#"{"id":3,"content":"c","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"#, count: 2).joined(separator: ","))]"#
      ), "the added token “c” is listed twice"
    ),
    (decoder(#"{"type":"CTC"}"#), "its decoder is of the kind CTC"),
    (decoder(#"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#), "makes the text longer"),
    (decoder(#"{"type":"Replace","pattern":{"Regex":"a"},"content":""}"#), "is a regular expression"),
    (decoder(#"{"type":"Strip","content":" ","start":-1,"stop":0}"#), "is not a whole number from 0 to 1024"),
    (processor(#"{"type":"BertProcessing"}"#), "its post-processor is of the kind BertProcessing"),
    (processor(#"{"type":"TemplateProcessing","single":[],"special_tokens":{}}"#), "has no place for the text"),
    (
      processor(
        #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}"#),
      "names a token that special_tokens does not have"
    ),
    (
      processor(
        #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{"x":{"ids":[9]}}}"#
      ), "no token has the id 9"
    ),
    (added(#""id":7,"content":"x""#), "has the id 7, and the tokenizers package would give it 3"),
    (added(#""id":0,"content":"b""#), "has the id 0, and the tokenizers package would give it 1"),
    (added(#""id":3"#), "its added_tokens[0].content is not a text"),
  ]

  @Test("each is refused in one sentence that names what it is", arguments: refused)
  func refusal(_ text: String, _ expected: String) throws {
    let error = #expect(throws: (any Error).self) { try Tokenizer(json: Array(text.utf8)) }
    let sentence = "\(try #require(error))"
    #expect(sentence.contains(expected), "\(sentence)")
    #expect(error is any Diagnosis)
  }

  @Test("a text that is not UTF-8, and a character without any token")
  func texts() throws {
    let tokenizer = try Tokenizer(json: Array(Self.file(model: #""unk_token":"?""#).utf8))
    #expect(throws: TokenizerError.textNotUTF8(offset: 1)) { try tokenizer.encode(utf8: [0x61, 0xFF]) }
    #expect(throws: TokenizerError.unknownTokenMissing("?")) { try tokenizer.encode("abc") }
    #expect(try tokenizer.encode("ab") == [2])
  }

  /// From every place the pattern looks through the rest of the text, and in it back from every place.
  @Test("a pattern that takes too long ends with an error", .timeLimit(.minutes(2)))
  func slowPattern() throws {
    let split = #"{"type":"Split","pattern":{"Regex":"(a+)+$"},"behavior":"Isolated","invert":false}"#
    let tokenizer = try Tokenizer(json: Array(Self.splitter(split).utf8))
    #expect(throws: TokenizerError.patternTakesTooLong("(a+)+$")) {
      try tokenizer.encode(String(repeating: "a", count: 5000) + "b")
    }
  }

  /// What a pattern looks ahead to may lie far behind the place that matches.
  @Test("a pattern sees the whole text from every place")
  func looksAhead() throws {
    let split = #"{"type":"Split","pattern":{"Regex":"a(?=b*b$)"},"behavior":"Isolated","invert":false}"#
    let tokenizer = try Tokenizer(json: Array(Self.splitter(split).utf8))
    let rest = String(repeating: "b", count: 5000)
    #expect(try tokenizer.encode("a" + rest) == [0] + Array(repeating: 1, count: 5000))
    #expect(try tokenizer.encode("a" + rest + "a") == [2] + Array(repeating: 1, count: 4999) + [0])
  }

  @Test("a match that begins within the one before is an error", arguments: [#"(?<=\\Kt)t"#, #"(?<=\\Kt+)t"#])
  func overlap(_ pattern: String) throws {
    for part in [
      Self.splitter(
        #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated","invert":false}"#),
      Self.normalizer(#"{"type":"Replace","pattern":{"Regex":"\#(pattern)"},"content":"a"}"#),
    ] {
      let tokenizer = try Tokenizer(json: Array(part.utf8))
      let error = #expect(throws: TokenizerError.self) { try tokenizer.encode("tttthetttt catttt the ett") }
      #expect("\(try #require(error))".hasSuffix("cannot be used: its matches overlap"))
    }
  }

  /// Each normalizer makes the text 64 times as long.
  @Test("a text that grows without end is refused")
  func growth() throws {
    let step = #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(String(repeating: "a", count: 64))"}"#
    let steps = repeatElement(step, count: 20).joined(separator: ",")
    let tokenizer = try Tokenizer(
      json: Array(Self.normalizer(#"{"type":"Sequence","normalizers":[\#(steps)]}"#).utf8))
    #expect(throws: TokenizerError.self) { try tokenizer.encode("aaaa") }
  }

  /// A broken file may be refused or read, and must not end the program.
  @Test("changed files are read or refused", arguments: ["llama3", "normalized", "added-flags", "decomposed"])
  func mutations(_ kind: String) throws {
    var generator = SystemRandomNumberGenerator()
    let whole = try RecordedCases.file(kind)
    // The vocabulary is most of the file, and what lies around it is what is changed.
    let vocabulary = try #require(whole.firstRange(of: Array("\"vocab\"".utf8))?.lowerBound)
    let behind = try #require(whole.firstRange(of: Array("\"added_tokens\"".utf8))?.lowerBound)
    let places = Array(0..<min(vocabulary + 200, whole.count)) + Array(max(0, behind - 200)..<whole.count)
    for _ in 0..<60 {
      var file = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = try #require(places.randomElement(using: &generator))
        guard place < file.count else { continue }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: file[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: file.remove(at: place)
        case 2: file.insert(contentsOf: file[place..<min(place + 20, file.count)], at: place)
        default: file[place] = UInt8(ascii: "9")
        }
      }
      guard let tokenizer = try? Tokenizer(json: file) else { continue }
      let ids = (try? tokenizer.encode("<s>The  CAFÉ\r\n👍🏽 1234 </s>")) ?? []
      _ = tokenizer.decode(ids + [0, 1, 2, -1, .max], skipSpecialTokens: false)
    }
  }
}
