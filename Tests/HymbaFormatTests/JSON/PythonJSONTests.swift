import HymbaFormat
import Testing

/// What `json.loads` of Python 3.11 gives for the same texts.
@Suite("JSON as Python reads it")
struct PythonJSONTests {
  private func value(_ text: String) throws -> JSONValue {
    try ForeignDocument(parsing: Array(text.utf8)).value
  }

  @Test(
    "numbers without digits and beyond a Double are infinite or no number",
    arguments: [
      ("Infinity", .infinity), ("-Infinity", -.infinity), ("1e999", .infinity),
      ("-1E400", -.infinity), ("1e5", 100_000), ("NaN", .nan),
    ] as [(String, Double)])
  func numbers(_ text: String, _ number: Double) throws {
    for text in ["[\(text)]", " [ \(text) ] "] {
      guard case .array(let elements) = try value(text), case .number(let found)? = elements.first
      else {
        Issue.record("\(text)")
        return
      }
      #expect(found == number || found.isNaN && number.isNaN)
    }
  }

  @Test(
    "half of a surrogate pair, which Python keeps, becomes the character for what is none",
    arguments: [
      (#""\ud800""#, "\u{FFFD}"), (#""a\udc00b""#, "a\u{FFFD}b"),
      (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud800\u0041""#, "\u{FFFD}A"),
      (#""\ud800\n""#, "\u{FFFD}\n"), (#""\ud83d\ude00""#, "😀"),
    ])
  func surrogates(_ text: String, _ string: String) throws {
    #expect(try value(text) == .string(string))
  }

  @Test("a whole number of more than 63 bits keeps its digits")
  func largeNumbers() throws {
    #expect(try value("100000000000000000001") == .large("100000000000000000001"))
    #expect(try value("[-9223372036854775809]") == .array([.large("-9223372036854775809")]))
    #expect(try value("1e20") == .number(1e20))
  }

  @Test("a byte order mark in front is no part of the text")
  func byteOrderMark() throws {
    #expect(try value("\u{FEFF}{\"a\":1}") == .object(["a": .integer(1)]))
  }

  @Test("of a key that is repeated the last value counts, and a note says so once")
  func repeatedKeys() throws {
    let document = try ForeignDocument(
      parsing: Array(#"{"a":1,"b":{"c":1,"c":2},"a":2,"a":[3]}"#.utf8))
    #expect(document.value["a"] == .array([.integer(3)]))
    #expect(document.value["b"]?["c"] == .integer(2))
    #expect(
      document.notes == [
        "“c” is given more than once; the last value counts, as in Python",
        "“a” is given more than once; the last value counts, as in Python",
      ])
    #expect(try ForeignDocument(parsing: Array("{\"a\":{\"a\":1}}".utf8)).notes == [])
  }

  @Test("numbers as transformers 5 writes them are numbers, and nothing else is")
  func taggedFloats() throws {
    #expect(try value(#"{"__float__": "Infinity"}"#) == .number(.infinity))
    #expect(
      try value(#"[0.0, {"__float__": "-Infinity"}]"#)
        == .array([.number(0), .number(-.infinity)]))
    guard case .number(let nan) = try value(#"{"__float__":"NaN"}"#) else {
      Issue.record("no number")
      return
    }
    #expect(nan.isNaN)
    for text in [
      #"{"__float__":"1"}"#, #"{"__float__":1}"#, #"{"__float__":"NaN","a":1}"#,
    ] {
      guard case .object = try value(text) else {
        Issue.record("\(text)")
        return
      }
    }
  }

  @Test(
    "what Python refuses is refused, and what was found is named",
    arguments: [
      ("[1,]", "expected a value and found nothing behind the comma at byte 3"),
      (#"{"a":1,}"#, "expected a string and found nothing behind the comma at byte 7"),
      ("{a:1}", "expected a string and found the word “a” at byte 1"),
      ("{'a':1}", "expected a string and found single quotes at byte 1"),
      ("[True]", "expected a value and found the word “True” at byte 1"),
      ("[None]", "expected a value and found the word “None” at byte 1"),
      ("[nan]", "expected a value and found the word “nan” at byte 1"),
      ("[INFINITY]", "expected a value and found the word “INFINITY” at byte 1"),
      ("// c\n{}", "expected a value and found a comment at byte 0"),
      ("#x\n{}", "expected a value and found a comment at byte 0"),
      (#"{"a":1 /*x*/}"#, "expected “,” or “}” and found a comment at byte 7"),
      ("{} // x", "text after the end at byte 3"),
      ("[+1]", "expected a value and found a plus sign at byte 1"),
      ("[.5]", "expected a value and found a number without a digit before its point at byte 1"),
      ("[01]", "an invalid number at byte 3"), ("[-NaN]", "an invalid number at byte 2"),
      ("{\"a\":undefined}", "expected a value and found the word “undefined” at byte 5"),
      ("[\"\t\"]", "an invalid escape or control character in a string at byte 2"),
      ("", "the text ends early at byte 0"), ("{}{}", "text after the end at byte 2"),
    ])
  func refused(_ text: String, _ problem: String) {
    #expect(message { _ = try value(text) } == "not valid JSON: \(problem)")
  }

  @Test("a header stays strict", arguments: ["NaN", "Infinity", "-Infinity", "1e999", "\u{FEFF}1"])
  func strict(_ text: String) {
    #expect(message { _ = try JSONValue(parsing: Array(text.utf8)) } != nil)
  }
}
