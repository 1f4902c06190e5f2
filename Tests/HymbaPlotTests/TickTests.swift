import Testing

@testable import HymbaPlot

@Suite("Round numbers on axes")
struct TickTests {
  @Test(
    "a linear axis has multiples of 1, 2 or 5 times a power of ten",
    arguments: [
      (0, 1, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
      (0, 1, 4, ["0", "0.5", "1"]),
      (0, 31, 8, ["0", "5", "10", "15", "20", "25", "30"]),
      (-1, 1, 5, ["-1", "-0.5", "0", "0.5", "1"]),
      (0.3, 0.9, 3, ["0.4", "0.6", "0.8"]),
      (0, 1e6, 5, ["0", "200000", "400000", "600000", "800000", "1e6"]),
      (0, 5e-7, 5, ["0", "1e-7", "2e-7", "3e-7", "4e-7", "5e-7"]),
      (-1e300, 1e300, 4, ["-1e300", "-5e299", "0", "5e299", "1e300"]),
      (1e-300, 5e-300, 5, ["1e-300", "2e-300", "3e-300", "4e-300", "5e-300"]),
      (1_000_000, 1_000_004, 4, ["1e6", "1.000001e6", "1.000002e6", "1.000003e6", "1.000004e6"]),
      (7, 8, 5, ["7", "7.2", "7.4", "7.6", "7.8", "8"]),
    ] as [(Double, Double, Int, [String])])
  func linear(low: Double, high: Double, count: Int, expected: [String]) {
    let ticks = Ticks.linear(low, high, atMost: count, integers: false)
    #expect(ticks.numbers.map(\.text) == expected)
    for (place, text) in zip(ticks.places, expected) {
      // A text is what the place is called, so that it reads as the same number.
      #expect(abs(place - (Double(text) ?? .nan)) <= abs(place) * 1e-12)
    }
  }

  @Test("an axis of whole numbers has no fractions")
  func integers() {
    #expect(Ticks.linear(0, 2, atMost: 8, integers: true).numbers.map(\.text) == ["0", "1", "2"])
  }

  @Test(
    "a logarithmic axis has powers of ten, and 2 and 5 times them where there is room",
    arguments: [
      (-8, -4, 5, ["1e-8", "1e-7", "1e-6", "1e-5", "0.0001"]),
      (-15, -5, 5, ["1e-14", "1e-12", "1e-10", "1e-8", "1e-6"]),
      (0, 1, 5, ["1", "2", "5", "10"]),
      (-300, 300, 6, ["1e-300", "1e-200", "1e-100", "1", "1e100", "1e200", "1e300"]),
    ] as [(Double, Double, Int, [String])])
  func logarithmic(low: Double, high: Double, count: Int, expected: [String]) {
    #expect(Ticks.logarithmic(low, high, atMost: count).numbers.map(\.text) == expected)
  }

  @Test(
    "numbers are written with four digits",
    arguments: [
      (0, "0"), (0.25, "0.25"), (-1.5, "-1.5"), (12345, "12350"), (1.23456e-7, "1.235e-7"),
      (9.99996, "10"),
      (1e300, "1e300"), (-1e-300, "-1e-300"), (.leastNonzeroMagnitude, "0"), (123456, "123500"),
      (1_234_567, "1.235e6"),
      (0.0001, "0.0001"), (0.00001, "1e-5"), (.infinity, "inf"), (-.infinity, "-inf"),
      (.nan, "NaN"),
    ] as [(Double, String)])
  func numbers(value: Double, expected: String) { #expect(value.plotText == expected) }
}
