import HymbaFormat
import Testing

@Suite("Numbers for people")
struct NumberTextTests {
  @Test(
    "decimals are rounded once; what takes too many digits, or is no number, has its short form",
    arguments: [
      (0.99999, 4, "1.0000"), (-0.00001, 4, "0.0000"), (12.345, 0, "12"), (9.3e14, 4, "9.3e+14"),
      (1e300, 2, "1e+300"), (-Double.nan, 2, "NaN"), (.nan, 4, "NaN"),
      (-Double.infinity, 1, "-inf"),
      (9e10, 4, "90000000000.0000"),
    ] as [(Double, Int, String)])
  func fixed(_ value: Double, _ decimals: Int, _ text: String) {
    #expect(value.fixedText(decimals) == text)
  }

  @Test(
    "the smallest and the largest have four digits too",
    arguments: [
      (.leastNonzeroMagnitude, "0"), (-Double.leastNormalMagnitude.nextDown, "0"),
      (.leastNormalMagnitude, "2.225e-308"),
      (-Double.greatestFiniteMagnitude, "-1.798e+308"),
    ] as [(Double, String)])
  func short(_ value: Double, _ text: String) { #expect(value.shortText == text) }
}
