import HymbaFormat
import HymbaModel

/// Whether A_log holds the logarithms of the decay rates: the model computes A = -exp(A_log).
///
/// The rates of a new Mamba are 1 to the number of its states, those of a Mamba-2 lie between 1 and 16, or are 1
/// to the number of its heads. So the logarithms are positive but for some.
enum DecayRule {
  static func flags(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    let decays = parameters.compactMap { judged in
      judged.name.hasSuffix(".mamba.A_log")
        ? judged.figures.spread.map { (judged: judged, spread: $0) } : nil
    }
    let spreads = decays.map(\.spread)
    // Fewer numbers may have one sign by chance.
    guard spreads.reduce(0, { $0 + $1.count }) >= 16,
      let states = decays.compactMap(\.judged.parameter.shape.dimensions.last).max(),
      let least = spreads.map(\.least).median, let most = spreads.map(\.most).median,
      let middle = spreads.map(\.median).median
    else { return [] }
    let highest = logarithm(Double(max(16, states)))
    let range = "\(least.shortText) to \(most.shortText)"
    let flag: ValueFlag? =
      if spreads.mostly({ 50 * $0.positives <= $0.count && $0.median < -0.1 }) {
        least < -max(4, highest + 1)
          ? ValueFlag(
            .decayStored, .error,
            "the values are negative, \(range) in the layer in the middle, as A itself is, and the model computes A = -exp(A_log)"
          )
          : ValueFlag(
            .decaySign, .warning,
            "the values are negative, \(range) in the layer in the middle, so that every decay rate is below 1, as where the sign was turned"
          )
      } else if spreads.mostly({ $0.least > 0 }), middle >= highest + 2 {
        ValueFlag(
          .decayStored, middle >= highest + 3 ? .error : .warning,
          "the values lie around \(middle.shortText), as rates of decay do, and the model takes exp of them: their logarithms lie below \(highest.shortText) in a new model"
        )
      } else {
        nil
      }
    guard let flag else { return [] }
    return decays.map { FlaggedParameter(name: $0.judged.name, flag: flag) }
  }
}
