import Testing

@testable import HymbaFormat

@Suite("Temporary names")
struct TemporaryNameTests {
  @Test("each is another, begins with a dot, and tells what the file is to be called")
  func form() throws {
    let (first, second) = (TemporaryName(for: "a.b"), TemporaryName(for: "a.b"))
    #expect(first.text != second.text)
    #expect(first.text.hasPrefix(".a.b.") && first.text.hasSuffix(".part"))
    #expect(try #require(TemporaryName(first.text)) == first && first.stem == "a.b")
  }

  @Test(
    "a long name is shortened by whole characters, to fit into 255 bytes",
    arguments: [
      (String(repeating: "n", count: 255), 200), (String(repeating: "é", count: 127), 200),
      (String(repeating: "数", count: 85), 198), (String(repeating: "👩🏽‍🚀", count: 16), 195),
    ])
  func long(_ name: String, _ bytes: Int) throws {
    let temporary = TemporaryName(for: name)
    #expect(temporary.stem.utf8.count == bytes && name.hasPrefix(temporary.stem))
    #expect(temporary.text.utf8.count <= 255)
    #expect(TemporaryName(temporary.text) == temporary)
  }

  @Test(
    "names of other forms are not taken for one",
    arguments: [
      "x", ".x.part", ".x.1.part", "x.1.a.part", ".x.one.a.part", ".x.1.a-b.part", ".x.1.a.parts",
      ".1.a.part", "",
    ])
  func others(_ text: String) { #expect(TemporaryName(text) == nil) }
}
