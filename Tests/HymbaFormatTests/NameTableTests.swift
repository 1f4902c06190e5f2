import HymbaFormat
import Testing

@Suite("Names by their bytes")
struct NameTableTests {
  @Test(
    "names that Unicode holds to be the same are two",
    arguments: [("\u{E9}", "e\u{301}"), ("\u{212A}", "K"), ("\u{1E0B}\u{323}", "\u{1E0D}\u{307}")])
  func equivalents(_ a: String, _ b: String) throws {
    try #require(a == b)
    #expect(NameKey(a) != NameKey(b) && NameKey(a) == NameKey(String(Array(a))))
    var table: NameTable<Int> = [a: 1]
    #expect(table[a] == 1 && table[b] == nil)
    let wasNew = table.insert(2, for: b)
    #expect(wasNew && table.count == 2 && table[a] == 1 && table[b] == 2)
    let wasNewAgain = table.insert(3, for: b)
    #expect(!wasNewAgain && table[b] == 2)
    let tensors = try TensorTable(
      [a, b].map { try TensorDescriptor(name: $0, type: .uint8, dimensions: [1]) })
    #expect(tensors.position(of: a) == 0 && tensors.position(of: b) == 1)
  }

  @Test("they are listed in the order of their bytes")
  func order() {
    let table: NameTable<Int> = ["f": 3, "\u{E9}": 4, "e\u{301}": 2, "e": 1]
    #expect(table.sorted.map(\.value) == [1, 2, 3, 4])
    #expect(table == NameTable(table.sorted.reversed().map { (key: $0.key, value: $0.value) }))
  }

  @Test("a string that is not stored in one piece has the same hash")
  func bridged() {
    let long = String(repeating: "ab", count: 40)
    let other = String(decoding: Array(long.utf16), as: UTF16.self)
    #expect(Set([NameKey(long), NameKey(other)]).count == 1)
  }
}
