import HymbaFormat
import HymbaModel

/// Whether a parameter has the values that libraries give a new model. Training leaves none of these.
enum Freshness {
  static func flag(_ judged: JudgedParameter, _ statistics: TensorStatistics?) -> FlaggedParameter? {
    if let constant = judged.figures.constant, constant == 1,
      judged.role == .norm || judged.name.hasSuffix(".mamba.D")
    {
      return judged.flag(.fresh, .note, "every value is 1, as in a new model")
    }
    if judged.figures.isFreshDecay {
      return judged.flag(.fresh, .note, "the values are log(1), log(2), …, as in a new model")
    }
    guard judged.role == .weight, let statistics, let beginning = Beginning(statistics, judged) else { return nil }
    return judged.flag(.fresh, .note, beginning.text)
  }

  /// The fewest values whose distribution says something.
  private static let fewest = 1024

  /// A distribution that weights begin with.
  private struct Beginning {
    let text: String

    init?(_ statistics: TensorStatistics, _ judged: JudgedParameter) {
      guard statistics.count >= fewest, let mean = statistics.mean, let deviation = statistics.std,
        let least = statistics.min, let most = statistics.max, deviation > 0,
        // What chance does to a quantile or a deviation of so many values, four times over.
        case let chance = 4 / Double(statistics.count).squareRoot(),
        abs(mean) <= chance * deviation
      else { return nil }
      let inputs = Double(judged.parameter.shape.dimensions.last ?? 1)
      let quantiles = statistics.quantiles.map { $0.value / deviation }
      /// Whether the quantiles at 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99 are these deviations from the mean.
      func agree(_ wanted: [Double]) -> Bool {
        zip(quantiles, wanted).allSatisfy { abs($0 - $1) <= 2 * chance + 0.01 }
      }
      func isNear(_ value: Double, _ wanted: Double) -> Bool {
        abs(value / wanted - 1) <= chance / 2 + 0.002
      }
      let bound = max(-least, most)
      let third = 3.0.squareRoot()
      if agree([-0.98, -0.9, -0.5, 0, 0.5, 0.9, 0.98].map { $0 * third }), bound <= 1.02 * third * deviation {
        let begins = [
          (1 / inputs.squareRoot(), "1/√\(Int(inputs))"),
          ((3 / inputs).squareRoot(), "√(3/\(Int(inputs)))"),
        ].first { isNear(deviation, $0.0 / third) }
        guard let begins else { return nil }
        text =
          "the values are uniform within ±\(bound.shortText), which is \(begins.1), as in a new model"
      } else if agree([-2.3263, -1.6449, -0.6745, 0, 0.6745, 1.6449, 2.3263]), bound < 7 * deviation {
        let begins = [
          (0.02, "0.02"), (1, "1"), (1 / inputs.squareRoot(), "1/√\(Int(inputs))"),
        ].first { isNear(deviation, $0.0) }
        guard let begins else { return nil }
        text =
          "the values are normal with a deviation of \(deviation.shortText), which is \(begins.1) within chance, as in a new model"
      } else {
        return nil
      }
    }
  }
}
