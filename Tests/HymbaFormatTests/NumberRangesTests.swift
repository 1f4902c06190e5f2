import HymbaFormat
import Testing

@Suite("Ranges of numbers")
struct NumberRangesTests {
  @Test(
    "neighbours are ranges, in braces and in words",
    arguments: [
      ([7], "7", "7"), ([3, 4], "{3,4}", "3 to 4"), ([7, 0, 2, 1, 3, 3], "{0..3,7}", "0 to 3, 7"),
      ([1, 3], "{1,3}", "1, 3"),
    ])
  func texts(_ numbers: [Int], _ braces: String, _ words: String) {
    #expect(NumberRanges(numbers).braces == braces)
    #expect(NumberRanges(numbers).words == words)
  }
}
