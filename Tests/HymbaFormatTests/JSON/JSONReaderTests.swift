import HymbaFormat
import Testing

@Suite("JSON reader")
struct JSONReaderTests {
  @Test(
    "a valid text gives its value",
    arguments: [
      ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
      ("-0", .integer(0)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .large("9223372036854775808")), ("1.5", .number(1.5)),
      ("1e3", .number(1000)),
      ("-2.5E-1", .number(-0.25)), ("0.1e+1", .number(1)), ("1.0", .number(1)),
      ("\"\"", .string("")),
      ("[]", .array([])), ("{}", .object([:])),
      ("\t[ 1 ,\r\n2 ] ", .array([.integer(1), .integer(2)])),
      ("{\"a\" : {\"b\":[null]}}", .object(["a": .object(["b": .array([.null])])])),
      ("{\"\":1}", .object(["": .integer(1)])),
    ] as [(String, JSONValue)])
  func values(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(
    "escapes give their characters",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9\u20ac""#, "Aéé€"),
      (#""\u0000x""#, "\0x"), (#""\ud83d\ude00!""#, "😀!"), (#""\uD83D\uDE00""#, "😀"),
      (#""\uffff""#, "\u{FFFF}"),
      (#""\udbff\udfff""#, "\u{10FFFF}"), (#""\ud800\udc00""#, "\u{10000}"),
      ("\"é😀\u{7F}\"", "é😀\u{7F}"),
    ])
  func escapes(_ text: String, _ string: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    guard case .string(let found) = value else {
      Issue.record("\(value)")
      return
    }
    #expect(Array(found.unicodeScalars) == Array(string.unicodeScalars))
  }

  @Test(
    "anything else is refused with the place",
    arguments: [
      ("", "the text ends early at byte 0"), ("  ", "the text ends early at byte 2"),
      ("\u{FEFF}{}", "expected a value and found a byte order mark at byte 0"), ("\u{C}1", "expected a value at byte 0"),
      ("/**/1", "expected a value and found a comment at byte 0"),
      ("'a'", "expected a value and found single quotes at byte 0"),
      ("NaN", "expected a value and found the word “NaN” at byte 0"),
      ("Infinity", "expected a value and found the word “Infinity” at byte 0"),
      ("[+1]", "expected a value and found a plus sign at byte 1"),
      ("[.5]", "expected a value and found a number without a digit before its point at byte 1"),
      ("tru ", "expected a value and found the word “tru” at byte 0"),
      ("falsy", "expected a value and found the word “falsy” at byte 0"),
      ("nil!", "expected a value and found the word “nil” at byte 0"), ("[1", "the text ends early at byte 2"),
      ("[1,]", "expected a value and found nothing behind the comma at byte 3"), ("[1 2]", "expected “,” or “]” at byte 3"),
      ("[1}", "expected “,” or “]” at byte 2"), ("{\"a\":1,}", "expected a string and found nothing behind the comma at byte 7"),
      ("{\"a\" 1}", "expected “:” at byte 5"), ("{a:1}", "expected a string and found the word “a” at byte 1"),
      ("{\"a\":1 \"b\":2}", "expected “,” or “}” at byte 7"),
      ("{\"a\":1", "the text ends early at byte 6"),
      ("{1:2}", "expected a string at byte 1"), ("1 2", "text after the end at byte 2"),
      ("{}}", "text after the end at byte 2"), ("[01]", "an invalid number at byte 3"),
      ("[-01]", "an invalid number at byte 4"), ("[-]", "an invalid number at byte 2"),
      ("[1.]", "an invalid number at byte 3"), ("[1e]", "an invalid number at byte 3"),
      ("[1e+]", "an invalid number at byte 4"), ("[1.e1]", "an invalid number at byte 3"),
      ("[0x1]", "expected “,” or “]” and found the word “x” at byte 2"), ("[1e999]", "an invalid number at byte 1"),
      ("[-1e999]", "an invalid number at byte 1"), ("\"abc", "the text ends early at byte 4"),
      ("\"a\\", "the text ends early at byte 3"), ("\"\\u12", "the text ends early at byte 3"),
      ("\"a\u{1}\"", "an invalid escape or control character in a string at byte 2"),
      ("\"a\u{1F}\"", "an invalid escape or control character in a string at byte 2"),
      ("\"a\nb\"", "an invalid escape or control character in a string at byte 2"),
      ("\"\\n\u{1F}\"", "an invalid escape or control character in a string at byte 4"),
      (#""\x""#, "an invalid escape or control character in a string at byte 3"),
      (#""\u12g4""#, "an invalid escape or control character in a string at byte 3"),
      (#""\u+123""#, "an invalid escape or control character in a string at byte 3"),
      (#""\ud800""#, "the escape of half a surrogate pair, which is no character, at byte 7"),
      (#""\ud800x""#, "the escape of half a surrogate pair, which is no character, at byte 7"),
      (#""\ud800\n""#, "the escape of half a surrogate pair, which is no character, at byte 7"),
      (#""\ud800\ud800""#, "the escape of half a surrogate pair, which is no character, at byte 7"),
      (#""\ud800\ud80""#, "an invalid escape or control character in a string at byte 9"),
      (#""\udc00""#, "the escape of half a surrogate pair, which is no character, at byte 7"),
      ("{\"a\":1,\"a\":1}", "the key “a” is given twice at byte 7"),
      ("{\"a\":1,\"\\u0061\":2}", "the key “a” is given twice at byte 7"),
      ("{\"\\u001b\":1,\"\\u001b\":2}", "the key “\\u{1b}” is given twice at byte 12"),
    ])
  func refused(_ text: String, _ problem: String) {
    #expect(
      message { _ = try JSONValue(parsing: Array(text.utf8)) } == "not valid JSON: \(problem)")
  }

  @Test(
    "bytes that are not UTF-8 are refused with the place",
    arguments: [
      ([0xFF], 1), ([0xC0, 0x80], 1), ([0xED, 0xA0, 0x80], 1), ([0x61, 0xE2, 0x82], 2),
      ([0xF4, 0x90, 0x80, 0x80], 1), ([0x80], 1),
    ] as [([UInt8], Int)])
  func notUTF8(_ bytes: [UInt8], _ offset: Int) {
    #expect(
      message { _ = try JSONValue(parsing: [0x22] + bytes + [0x22]) }
        == "not valid JSON: invalid UTF-8 at byte \(offset)")
  }

  @Test(
    "a key that is given twice is found among any number of keys",
    arguments: [2, 11, 12, 13, 14, 100])
  func duplicates(_ count: Int) {
    let keys = (1..<count).map { "\"k\($0)\":0," }.joined()
    for repeated in [1, count - 1] {
      #expect(
        message { _ = try JSONValue(parsing: Array("{\(keys)\"k\(repeated)\":0}".utf8)) }
          == "not valid JSON: the key “k\(repeated)” is given twice at byte \(1 + keys.utf8.count)")
    }
    #expect(message { _ = try JSONValue(parsing: Array("{\(keys)\"k\(count)\":0}".utf8)) } == nil)
  }

  @Test("the same key in other objects is no duplicate")
  func keysOfOtherObjects() {
    #expect(
      message {
        _ = try JSONValue(parsing: Array(#"{"a":{"a":[{"a":1},{"a":1}]},"b":{"a":1}}"#.utf8))
      } == nil)
  }

  @Test("keys that differ only in their Unicode form are two")
  func canonicalEquivalents() throws {
    #expect(
      message { _ = try JSONValue(parsing: Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)) } == nil)
    let many = (0..<20).map { "\"k\($0)\":0," }.joined()
    #expect(
      message {
        _ = try JSONValue(parsing: Array("{\(many)\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
      } == nil)
  }

  @Test(
    "a string with a long run of combining marks, which would take days to compare, is refused",
    arguments: ["\u{301}", "\\u0301", "\u{F73}", "\u{1D165}"])
  func combiningMarks(_ mark: String) throws {
    func text(_ runs: [Int]) -> [UInt8] {
      Array(("[1,\"" + runs.map { "a" + String(repeating: mark, count: $0) }.joined() + "\"]").utf8)
    }
    #expect(message { _ = try JSONValue(parsing: text([256, 256, 0, 256])) } == nil)
    #expect(
      message { _ = try JSONValue(parsing: text([256, 257])) }
        == "the JSON has a string with more than the 256 combining marks in a row that are read here at byte 3")
    let key = Array("{\"".utf8) + text([100_000])[4...].dropLast(2) + Array("\":1}".utf8)
    #expect(
      message { _ = try JSONValue(parsing: key) }
        == "the JSON has a string with more than the 256 combining marks in a row that are read here at byte 1")
  }

  @Test(
    "64 levels are accepted and a deeper text is refused where it goes deeper",
    arguments: [("[", "]"), ("{\"k\":", "}")])
  func depth(_ open: String, _ close: String) {
    func text(_ levels: Int) -> [UInt8] {
      Array(
        (String(repeating: open, count: levels) + "0" + String(repeating: close, count: levels))
          .utf8)
    }
    #expect(message { _ = try JSONValue(parsing: text(64)) } == nil)
    let place = open.utf8.count * 64 + 1
    #expect(
      message { _ = try JSONValue(parsing: text(65)) }
        == "the JSON has more than the 64 nested levels that are read here at byte \(place)")
    #expect(
      message { _ = try JSONValue(parsing: text(100_000)) }
        == "the JSON has more than the 64 nested levels that are read here at byte \(place)")
    // Many side by side are not deep.
    #expect(
      message {
        _ = try JSONValue(parsing: Array(("[" + String(repeating: "[],", count: 100) + "[]]").utf8))
      } == nil)
  }

  @Test(
    "a whole number is one that is written as such and fits",
    arguments: [
      ("1.0", "expected a whole number of at most 63 bits at byte 0"),
      ("1e3", "expected a whole number of at most 63 bits at byte 0"),
      ("9223372036854775808", "expected a whole number of at most 63 bits at byte 0"),
      ("\"1\" ", "an invalid number at byte 0"),
    ])
  func wholeNumbers(_ text: String, _ problem: String) throws {
    #expect(
      message {
        var reader = try JSONReader(Array(text.utf8))
        _ = try reader.readInteger()
      } == "not valid JSON: \(problem)")
  }

  @Test("a value can be skipped or taken as text, and is checked all the same")
  func skipped() throws {
    let text = #"{"a": [1, {"b": "\n"}] , "c":2}"#
    var raw: [UInt8] = []
    var reader = try JSONReader(Array(text.utf8))
    try reader.readObject { reader, key throws(FormatError) in
      if key == "a" { raw = try reader.readRawValue() } else { try reader.skipValue() }
    }
    try reader.finish()
    #expect(String(decoding: raw, as: UTF8.self) == #"[1, {"b": "\n"}]"#)
    var broken = try JSONReader(Array(#"[{"b":1,"b":1}]"#.utf8))
    #expect(throws: FormatError.json(.duplicateKey("b"), offset: 8)) { try broken.skipValue() }
  }

  @Test(
    "a value of another kind is refused",
    arguments: [
      ("1", "expected an object at byte 0"), ("[]", "expected an object at byte 0"),
      ("\"x\"", "expected an object at byte 0"),
    ])
  func otherKind(_ text: String, _ problem: String) throws {
    var reader = try JSONReader(Array(text.utf8))
    #expect(
      message { try reader.readObject { _, _ throws(FormatError) in } }
        == "not valid JSON: \(problem)")
  }

  @Test(
    "a value describes itself in a message",
    arguments: [
      (.null, "null"), (.bool(true), "true"), (.integer(-3), "-3"), (.number(0.5), "0.5"),
      (.large("-12345678901234567890"), "-12345678901234567890"),
      (.large(String(repeating: "1", count: 41)), String(repeating: "1", count: 40) + "…"),
      (.string("a\u{7}b"), "“a\\u{7}b”"),
      (.string(String(repeating: "x", count: 50)), "“" + String(repeating: "x", count: 40) + "”"),
      (.array([.null, .null]), "a list of 2"), (.object(["a": .null]), "an object"),
    ] as [(JSONValue, String)])
  func summary(_ value: JSONValue, _ text: String) { #expect(value.summary == text) }
}
