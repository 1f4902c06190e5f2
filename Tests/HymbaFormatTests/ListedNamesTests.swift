import Testing

@testable import HymbaFormat

@Suite("Lists of names in messages")
struct ListedNamesTests {
  @Test(
    "a few names are told, and the number of the others",
    arguments: [
      (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c", "d", "e"], "a, b, c, d and e"),
      (["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"),
    ])
  func names(_ names: [String], _ text: String) { #expect(listed(names) == text) }
}
