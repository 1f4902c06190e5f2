import HymbaFormat
import HymbaModel

/// Whether norm weights lie where the model expects them.
///
/// Every family multiplies with the weight as it is stored, which is 1 in a new model. Some programs keep w - 1
/// and add the 1 when they compute. A trained norm may have any mean, so all norms are judged together.
enum NormCentre {
  static func flags(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    let norms = parameters.compactMap { judged in
      judged.role == .norm ? judged.figures.spread.map { Norm(judged: judged, spread: $0) } : nil
    }
    return centredOnZero(norms) + centredOnTwo(norms)
  }

  private struct Norm {
    let judged: JudgedParameter
    let spread: ValueSpread

    /// Weights of a trained norm are positive but for a few.
    var isSigned: Bool { 3 * spread.negatives >= spread.count }

    /// After 1 was added to weights that are positive and not far from 1.
    var isAboveOne: Bool { spread.quantile(0.01) >= 1 && (1.5...2.75).contains(spread.median) }

    /// After 1 was added to weights around 1.
    var isAtTwo: Bool { isAboveOne && abs(spread.median - 2) <= 0.15 }
  }

  private static func centredOnZero(_ norms: [Norm]) -> [FlaggedParameter] {
    let kinds = kinds(of: norms)
    // Where most norms are shifted, all are: few large weights may hide it in one kind.
    let signed =
      norms.mostly(\.isSigned) ? norms : kinds.filter { $0.mostly(\.isSigned) }.flatMap { $0 }
    // A single norm proves nothing.
    guard signed.count > 1, let negative = signed.map(\.spread.negativeShare).median,
      let centre = signed.map(\.spread.median).median
    else { return [] }
    return signed.map { norm in
      norm.judged.flag(
        .normCentre, .error,
        "the norms lie around \(centre.fixedText(2, trimmed: true)) and \(negative.wholePercent) of a norm's weights are negative, as where w - 1 is kept, and the model multiplies with the weight as it is stored"
      )
    }
  }

  private static func centredOnTwo(_ norms: [Norm]) -> [FlaggedParameter] {
    // Norms within a mixer do lie around 2 in trained models. Those of the stream do not, in all layers at once.
    let stream = norms.filter { $0.judged.parameter.part == .norms }
    guard !stream.mostly(\.isAboveOne) else {
      return stream.count > 1 ? aroundTwo(stream, marking: norms.filter(\.isAboveOne)) : []
    }
    // A program may have shifted one kind of them, such as those before the mixers. Training may leave a kind above 1
    // too, but not each of its norms at 2.
    return kinds(of: stream).filter { $0.count > 2 && $0.allSatisfy(\.isAtTwo) }.flatMap {
      aroundTwo($0, marking: $0)
    }
  }

  private static func kinds(of norms: [Norm]) -> [[Norm]] {
    Array(Dictionary(grouping: norms) { FoldedNames.pattern($0.judged.name) }.values)
  }

  private static func aroundTwo(_ seen: [Norm], marking marked: [Norm]) -> [FlaggedParameter] {
    guard let centre = seen.map(\.spread.median).median,
      let distance = seen.map({ abs($0.spread.median - 2) }).median
    else { return [] }
    return marked.map { norm in
      norm.judged.flag(
        .normCentre, distance <= 0.15 ? .error : .warning,
        "the norms lie around \(centre.fixedText(2, trimmed: true)) and hardly any weight is below 1, as where 1 was added to weights that had it already"
      )
    }
  }
}
