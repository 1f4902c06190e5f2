import HymbaFormat
import HymbaModel

/// Whether parameters, or parts of them, look as if they had never been filled.
enum FillRule {
  static func flags(_ parameters: [JudgedParameter]) -> [FlaggedParameter] {
    parameters.flatMap { judged in
      let fill = fill(judged)
      // A constant tensor repeats its rows too.
      if let fill, fill.flag.kind == .constant { return [fill] }
      return [fill, tail(judged), rows(judged)].compactMap { $0 }
    }
  }

  private static func fill(_ judged: JudgedParameter) -> FlaggedParameter? {
    let (figures, role) = (judged.figures, judged.role)
    if figures.isZero, figures.count > 1 {
      guard !role.mayVanish else { return nil }
      return judged.flag(
        .zero, role.mustNotVanish ? .error : .warning,
        "all \(figures.count) values are zero, as of a tensor that was never written or filled"
      )
    }
    if let constant = figures.constant {
      guard !role.mayBeConstant else { return nil }
      return judged.flag(
        .constant, .warning,
        "all \(figures.count) values are \(constant.shortText), as of a tensor that was never filled: a new model has random ones here"
      )
    }
    guard figures.isMostlyZero, !role.mayVanish else { return nil }
    return judged.flag(
      .zero, .warning,
      "\((Double(figures.zeros) / Double(figures.count)).wholePercent) of the values are zero, as pruning or an unfinished file leaves them"
    )
  }

  // MARK: The end

  /// The fewest zeros at the end that are told.
  private static let shortestTail = 16

  private static func tail(_ judged: JudgedParameter) -> FlaggedParameter? {
    let figures = judged.figures
    let tail = figures.zeroTail
    guard judged.role.mustNotVanish, tail >= shortestTail, tail < figures.count else { return nil }
    let (others, zeros) = (figures.count - tail, figures.zeros - tail)
    // Zeros that pruning scattered over a tensor may come last too, with less likelihood the more there are.
    let share = Double(max(zeros, 1)) / Double(others)
    guard -Double(tail) * logarithm(min(1, share)) > 30 else { return nil }
    let width = judged.parameter.shape.dimensions.last ?? figures.count
    let (rows, rest) = (tail / width, tail % width)
    // Columns of zeros, as padding leaves them, end each row.
    let rowsAbove = figures.count / width - rows - 1
    let isPadded = rowsAbove > 0 && zeros >= rowsAbove * rest
    let text = "the last \(tail) of \(figures.count) values are zero"
    if rest > 0, !isPadded {
      return judged.flag(
        .zeroTail, .error,
        text + ", from within a row on, as in a file whose download or copy did not finish")
    }
    // Padding of a vocabulary is usual.
    let isVocabulary = judged.parameter.part == .input || judged.parameter.part == .output
    guard rows > 0, !isVocabulary || 2 * tail > figures.count else { return nil }
    return judged.flag(
      .zeroTail, .warning,
      text + ", \(rows == 1 ? "a whole row" : "\(rows) whole rows"), as padding or an unfinished file leaves them"
    )
  }

  // MARK: Rows

  private static func rows(_ judged: JudgedParameter) -> FlaggedParameter? {
    guard !judged.figures.isZero, let rows = judged.figures.rows, rows.count > 1 else { return nil }
    // Tokens that training never met may share a row.
    let isVocabulary = judged.parameter.part == .input || judged.parameter.part == .output
    if rows.repeated > 0 {
      // Experts that began as copies have equal rows in their router.
      let isRouter = judged.name.hasSuffix(".router.weight")
      let isMany = !isRouter && (isVocabulary ? 2 : 4) * rows.repeated >= rows.count
      guard isMany || !isVocabulary else { return nil }
      return judged.flag(
        .repeatedRows, isMany ? .warning : .note,
        "\(rows.repeated) of \(rows.count) rows repeat an earlier one, as where heads or experts were copied or a part was written twice"
      )
    }
    guard rows.zero > 0, !isVocabulary, !judged.figures.isMostlyZero, judged.figures.zeroTail < rows.width
    else { return nil }
    return judged.flag(
      .zero, .note,
      "\(rows.zero) of \(rows.count) rows are zero, as pruning or padding leaves them")
  }
}
