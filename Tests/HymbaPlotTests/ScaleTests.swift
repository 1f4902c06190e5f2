import Testing

@testable import HymbaPlot

@Suite("Places on axes")
struct ScaleTests {
  private func scale(_ axis: Axis, _ values: [Double], isRounded: Bool = true) -> Scale {
    var scale = Scale(axis, values, isRounded: isRounded, steps: 5)
    (scale.start, scale.end) = (0, 100)
    return scale
  }

  @Test("a linear axis ends at round numbers, or at the values themselves")
  func linear() {
    let rounded = scale(Axis("x"), [0.3, 9.7])
    #expect(rounded.low == 0 && rounded.high == 10)
    #expect(rounded.place(2.5) == 25)
    let exact = scale(Axis("x"), [0.5, 2.5], isRounded: false)
    #expect(exact.place(0.5) == 0 && exact.place(1) == 25 && exact.place(2.5) == 100)
  }

  @Test(
    "a logarithmic axis of many decades ends at powers of ten, a short one at 1, 2 or 5 times them")
  func logarithmic() {
    let long = scale(Axis("x", .log10), [3e-8, 2e-5])
    #expect(long.low == -8 && long.high == -4)
    #expect(long.place(1e-6) == 50)
    let short = scale(Axis("x", .log10), [1.2, 4])
    #expect(short.low == 0)
    #expect(abs(short.high - 0.698970004336) < 1e-9)
    #expect(short.place(0) == nil && short.place(-1) == nil)
  }

  @Test("an axis shows at least the range that it is given")
  func least() {
    let within = scale(Axis("x", least: 0...1), [0.4, 0.5])
    #expect(within.low == 0 && within.high == 1)
    let beyond = scale(Axis("x", least: 0...1), [1.5])
    #expect(beyond.low == 0 && beyond.high == 1.5)
  }

  @Test(
    "equal values lie within the axis",
    arguments: [0, 1, -5, 1e300, -1e300, 1e-300, .leastNonzeroMagnitude])
  func equal(value: Double) {
    let scale = scale(Axis("x"), [value, value])
    #expect(scale.low < scale.high)
    #expect(scale.place(value).map { $0 >= 0 && $0 <= 100 } == true)
  }

  @Test("values that cannot be drawn have no place, and an axis of none still has ends")
  func undrawable() {
    let scale = scale(Axis("x"), [.nan, .infinity, -.infinity, 1e301])
    #expect(scale.low == 0 && scale.high == 1)
    #expect([.nan, .infinity, 1e301].allSatisfy { scale.place($0) == nil })
  }
}
