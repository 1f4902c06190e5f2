import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Statistics of captures")
struct CaptureStatisticsTests {
  /// 97 · i mod 41 − 20, scaled: negative, positive and zero, with repetitions.
  private static func values(_ count: Int) -> [Float] {
    (0..<count).map { index in
      let number = Float(97 * index % 41 - 20)
      return index % 3 == 0 ? number * 0.37 : number * 1e-3
    }
  }

  @Test("they are those that sorting in 64 bits gives, however the values are cut", arguments: [1, 2, 7, 60, 1260])
  func sorted(_ count: Int) throws {
    let values = Self.values(count)
    let doubles = values.map(Double.init)
    let n = Double(count)
    let mean = doubles.reduce(0, +) / n
    let order = doubles.sorted()
    var (deviations, squares) = (0.0, 0.0)
    for value in doubles {
      deviations += (value - mean) * (value - mean)
      squares += value * value
    }
    let deviation = (deviations / n).squareRoot()
    let rootMeanSquare = (squares / n).squareRoot()
    for part in [1, 5, count] {
      let found = try #require(
        CaptureStatistics(shape: [count]) { body in
          for start in stride(from: 0, to: count, by: part) {
            body(Array(values[start..<min(start + part, count)]))
          }
        })
      #expect(abs(found.mean - mean) < 1e-12)
      #expect(abs(found.deviation - deviation) < 1e-12)
      #expect(abs(found.rootMeanSquare - rootMeanSquare) < 1e-12)
      #expect(found.least == order.first && found.most == order.last)
      for (level, quantile) in zip(CaptureStatistics.levels, found.quantiles) {
        let place = level * (n - 1)
        let (low, high) = (order[Int(place)], order[min(Int(place) + 1, count - 1)])
        let expected = low + (high - low) * (place - place.rounded(.down))
        #expect(abs(quantile - expected) < 1e-12)
      }
    }
  }

  @Test("a capture with positions has a root mean square at each")
  func positions() throws {
    let values = Self.values(2 * 5 * 6)
    let found = try #require(CaptureStatistics(Tensor([2, 5, 6], values)))
    #expect(found.rootMeanSquares.count == 5)
    for position in 0..<5 {
      var squares = 0.0
      for batch in 0..<2 {
        for column in 0..<6 {
          let value = Double(values[(batch * 5 + position) * 6 + column])
          squares += value * value
        }
      }
      #expect(abs(found.rootMeanSquares[position] - (squares / 12).squareRoot()) < 1e-12)
    }
    #expect(CaptureStatistics(Tensor([60], values))?.rootMeanSquares == [])
    #expect(CaptureStatistics(Tensor([1, 5000, 1], Self.values(5000)))?.rootMeanSquares == [])
  }

  @Test("values that are no numbers have none, and neither have no values")
  func none() {
    #expect(CaptureStatistics(Tensor([2], [1, .nan])) == nil)
    #expect(CaptureStatistics(Tensor([2], [.infinity, 1])) == nil)
    #expect(CaptureStatistics(Tensor([0], [])) == nil)
  }

  @Test("the text gives the same statistics back, and one that is not whole gives none")
  func json() throws {
    let found = try #require(CaptureStatistics(Tensor([2, 5, 6], Self.values(60))))
    #expect(CaptureStatistics(try JSONValue(parsing: found.json.text)) == found)
    guard case .object(let members) = found.json else { return }
    #expect(members["count"] == .integer(60))
    for key in ["shape", "mean", "std", "rms", "min", "max", "quantiles"] {
      #expect(CaptureStatistics(.object(members.filter { $0.key != key })) == nil, "\(key)")
    }
    var wrong = members
    wrong["rmsByPosition"] = .array([.integer(1)])
    #expect(CaptureStatistics(.object(wrong)) == nil)
    wrong = members
    wrong["shape"] = .array([.integer(-1)])
    #expect(CaptureStatistics(.object(wrong)) == nil)
  }

  @Test("where no value differs by more than a bound, no statistic does, and a change of one value is told")
  func comparison() throws {
    let values = Self.values(60)
    let expected = try #require(CaptureStatistics(Tensor([2, 5, 6], values)))
    var near = values
    for index in near.indices { near[index] += index % 2 == 0 ? 1e-5 : -1e-5 }
    let found = try #require(CaptureStatistics(Tensor([2, 5, 6], near)))
    // The values have 32 bits, so that what was added is not just 1e-5.
    let bound = zip(values, near).map { abs(Double($0) - Double($1)) }.max() ?? 0
    #expect(found.largestDifference(from: expected).value <= bound * (1 + 1e-12))

    let bounds = Tolerance(error: 1e-3)
    func compare(_ got: Tensor) -> CaptureComparison {
      CaptureComparison(
        "logits", got: got, expected: expected, dimensions: expected.shape, tolerance: bounds)
    }
    #expect(compare(Tensor([2, 5, 6], values)).passed)
    var other = values
    other[59] = 100
    let failed = compare(Tensor([2, 5, 6], other))
    #expect(failed.failed == .error && failed.statistic == "maximum" && failed.nmse == nil)
    other[59] = .nan
    #expect(compare(Tensor([2, 5, 6], other)).reason == "it holds values that are NaN or infinite")
    #expect(compare(Tensor([2, 6, 5], values)).failed == .shape)
    // A reference of fewer sequences is compared with as many.
    #expect(compare(Tensor([3, 5, 6], values + values.prefix(30))).passed)
  }
}
