import HymbaFormat
import HymbaModel

/// Whether the biases of the time steps are those before the softplus.
///
/// A new Mamba spreads its time steps between 0.001 and 0.1, so that the biases lie between -6.9 and -2.3. Some
/// libraries begin with biases of 1 or around 0, which are not spread over powers of ten.
enum TimeStepBiasRule {
  static func flags(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    let biases = parameters.compactMap { judged in
      judged.parameter.isTimeStepBias
        ? judged.figures.spread.map { (judged: judged, spread: $0) } : nil
    }
    let spreads = biases.map(\.spread)
    guard spreads.reduce(0, { $0 + $1.count }) >= 16, spreads.mostly(areTimeSteps),
      let least = spreads.map(\.least).min(), let middle = spreads.map(\.median).median
    else { return [] }
    let flag = ValueFlag(
      .timeStepBias, middle <= 0.15 ? .error : .warning,
      "every value is positive, from \(least.shortText) on and around \(middle.shortText), as time steps after the softplus, which the model computes again: no step would be below 0.69"
    )
    return biases.map { FlaggedParameter(name: $0.judged.name, flag: flag) }
  }

  private static func areTimeSteps(_ spread: ValueSpread) -> Bool {
    spread.positives == spread.count && spread.least < 0.1 && spread.median < 0.35
      && spread.quantile(0.75) >= 1.5 * spread.quantile(0.25)
  }
}
