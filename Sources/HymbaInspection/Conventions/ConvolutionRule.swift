import HymbaFormat

/// Whether the taps of a convolution are where the model reads them: [channels, taps], the last one for the
/// current position.
///
/// Nothing can be said where all taps are about as large, as in a new model.
enum ConvolutionRule {
  static func flags(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    let all = parameters.compactMap { judged in
      judged.figures.convolution.map { (judged: judged, figures: $0) }
    }
    // One layer may have any taps.
    guard all.count > 1 else { return [] }
    let figures = all.map(\.figures)
    let flag: ValueFlag? =
      if figures.mostly({ own in
        // Chance makes the taps of few channels differ.
        let chance = 1.1 + 4 / Double(own.channels).squareRoot()
        return spread(own.taps) < chance && spread(own.parts) > 1.5 * chance
      }),
        haveOneOrder(figures)
      {
        ValueFlag(
          .convolution, .warning,
          "the taps are equally large, within \((figures.map { spread($0.taps) }.median ?? 1).shortText) times, and the channels fall into parts of which one is \((figures.map { spread($0.parts) }.median ?? 1).shortText) times as large as another, as weights of [taps, channels] that are read as [channels, taps]"
        )
      } else if figures.mostly({ $0.taps[0] >= 2 * $0.taps[$0.taps.count - 1] }) {
        ValueFlag(
          .convolution, .note,
          "the tap of the oldest position is \((figures.map { $0.taps[0] / $0.taps[$0.taps.count - 1] }.median ?? 1).shortText) times as large as that of the current one: the taps may be in reversed order, which values cannot prove"
        )
      } else {
        nil
      }
    guard let flag else { return [] }
    return all.map { FlaggedParameter(name: $0.judged.name, flag: flag) }
  }

  /// How many times the largest is as large as the smallest.
  private static func spread(_ sizes: [Double]) -> Double {
    guard let least = sizes.min(), let most = sizes.max(), least > 0 else { return 1 }
    return most / least
  }

  /// Whether the largest part is the same one in most layers, as the largest tap is.
  private static func haveOneOrder(_ figures: [ConvolutionFigures]) -> Bool {
    let places = figures.compactMap { own in own.parts.indices.max { own.parts[$0] < own.parts[$1] } }
    return Dictionary(grouping: places) { $0 }.values.contains { 4 * $0.count >= 3 * figures.count }
  }
}
