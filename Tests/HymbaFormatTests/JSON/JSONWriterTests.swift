import Testing

@testable import HymbaFormat

@Suite("JSON writer")
struct JSONWriterTests {
  @Test("it writes compact text in the order of the calls")
  func text() {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("b", "x")
      writer.member("a", -7)
      writer.key("list")
      writer.array { writer in
        writer.integers([1, 2])
        writer.object { _ in }
        writer.array { _ in }
        writer.null()
        writer.string("s")
      }
      writer.key("raw")
      writer.raw(Array("{\"k\" : 1}".utf8))
      writer.key("last")
      writer.null()
    }
    #expect(
      String(decoding: writer.text, as: UTF8.self)
        == #"{"b":"x","a":-7,"list":[[1,2],{},[],null,"s"],"raw":{"k" : 1},"last":null}"#)
  }

  @Test(
    "quotes, backslashes and the control characters below space are escaped, and nothing else",
    arguments: [
      ("a\"b\\c/d", #""a\"b\\c/d""#), ("\0\n\u{1F}", #""\u0000\u000a\u001f""#),
      ("\u{7F}é\u{2028}😀", "\"\u{7F}é\u{2028}😀\""),
    ])
  func escapes(_ string: String, _ json: String) {
    var writer = JSONWriter()
    writer.string(string)
    #expect(writer.text == Array(json.utf8))
  }

  @Test("the reader reads back every character that it writes")
  func roundTrip() throws {
    let scalars = (0..<0x11_0000).lazy.filter { $0 < 0x500 || $0 % 1009 == 0 }.compactMap(
      Unicode.Scalar.init)
    var string = ""
    string.unicodeScalars.append(contentsOf: Array(scalars))
    var writer = JSONWriter()
    writer.object { $0.member(string, string) }
    var reader = try JSONReader(writer.text)
    try reader.readObject { reader, key throws(FormatError) in
      #expect(Array(key.utf8) == Array(string.utf8))
      #expect(Array(try reader.readString().utf8) == Array(string.utf8))
    }
    try reader.finish()
  }

  @Test("whole numbers are read back", arguments: [0, 1, -1, .max, .min])
  func integers(_ value: Int) throws {
    var writer = JSONWriter()
    writer.integer(value)
    var reader = try JSONReader(writer.text)
    #expect(try reader.readInteger() == value)
  }
}
