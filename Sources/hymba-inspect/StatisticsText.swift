import HymbaFormat
import HymbaInspection
import HymbaReport
import HymbaTerminal

/// The statistics of parameters as a table, with the flags of each below it; or the digests.
struct StatisticsText {
  private let parameters: [ParameterListing.Line]

  init(_ listing: ParameterListing) { self.parameters = listing.parameters }

  func lines(width: Int?, stats: Bool, digests: Bool) -> [String] {
    var lines: [String] = []
    if stats { lines += table(width) + remarks }
    // The form is that of sha256sum.
    if digests { lines += parameters.map { "\($0.sha256 ?? "")  \($0.name.printable)" } }
    return lines
  }

  private func table(_ width: Int?) -> [String] {
    var table = Table([
      ("parameter", .left), ("mean", .right), ("std", .right), ("min", .right), ("max", .right),
      ("zero", .right), ("bits", .right),
    ])
    var told: Set<ValueFlag> = []
    for line in parameters {
      table.add(Self.row(line.name.printable, line.statistics?.wrappedValue))
      for part in line.parts ?? [] { table.add(Self.row("  \(part.name)", part.statistics)) }
      for flag in line.flags ?? [] {
        // What is said of many parameters in the same words is told once.
        let isNew = told.insert(flag).inserted
        table.add(
          below: "\(flag.severity.rawValue), \(flag.kind.rawValue): \(isNew ? flag.message : "as above")")
      }
    }
    return table.lines(width: width)
  }

  private static func row(_ name: String, _ statistics: TensorStatistics?) -> [String] {
    guard let statistics else { return [name] + [String](repeating: "-", count: 6) }
    let numbers = [statistics.mean, statistics.std, statistics.min, statistics.max].map {
      $0?.compactText ?? "-"
    }
    return [name] + numbers + [statistics.zeroShare.percentText, "\(statistics.effectiveBits)"]
  }

  /// A sentence for each parameter that has values that are no finite numbers.
  private var remarks: [String] {
    parameters.compactMap { line in
      guard let statistics = line.statistics?.wrappedValue,
        statistics.nanCount + statistics.infiniteCount > 0
      else { return nil }
      return
        "\(line.name.printable) has \(statistics.nanCount.groupedText) NaN and \(statistics.infiniteCount.groupedText) infinite values, which the figures leave out"
    }
  }
}

/// The distribution of one parameter: its figures, then a bar for each bin.
enum HistogramText {
  /// The lines for a parameter and for each of its logical parts.
  static func lines(_ name: String, _ result: ParameterPass.Result, width: Int) -> [String] {
    guard let statistics = result.statistics else {
      return ["\(name.printable) has no floating-point numbers"]
    }
    return block(name.printable, statistics, width)
      + result.parts.flatMap { block("\(name.printable), \($0.name)", $0.statistics, width) }
  }

  private static func block(_ title: String, _ statistics: TensorStatistics, _ width: Int) -> [String] {
    var lines = [Terminal.styled(title, .bold), "  " + counts(statistics)]
    if let mean = statistics.mean, let std = statistics.std, let least = statistics.min,
      let most = statistics.max
    {
      lines.append(
        "  mean \(mean.compactText), std \(std.compactText), min \(least.compactText), max \(most.compactText)"
      )
      let quantiles = statistics.quantiles.map { "\($0.share.percentText) \($0.value.compactText)" }
      lines += ("quantiles " + quantiles.joined(separator: ", ")).wrapped(label: "  ", width: width)
    }
    return lines + (statistics.histogram.map { bars($0, width) } ?? []) + [""]
  }

  private static func counts(_ statistics: TensorStatistics) -> String {
    var text =
      "\(String.counted(statistics.count, "value")), \(statistics.zeroShare.percentText) zero, \(statistics.effectiveBits) effective bits"
    if statistics.nanCount > 0 { text += ", \(statistics.nanCount.groupedText) NaN" }
    if statistics.infiniteCount > 0 { text += ", \(statistics.infiniteCount.groupedText) infinite" }
    return text
  }

  private static func bars(_ histogram: TensorStatistics.Histogram, _ width: Int) -> [String] {
    let bins = histogram.counts.count
    let step = (histogram.upper - histogram.lower) / Double(bins)
    var rows = histogram.counts.enumerated().map { index, count in
      (label: (histogram.lower + step * Double(index)).compactText, count: count)
    }
    if histogram.below > 0 { rows.insert(("below", histogram.below), at: 0) }
    if histogram.above > 0 { rows.append(("above", histogram.above)) }
    let label = rows.map(\.label.count).max() ?? 0
    let number = rows.map(\.count.groupedText.count).max() ?? 0
    let room = max(8, width - label - number - 6)
    let most = max(1, rows.map(\.count).max() ?? 1)
    return rows.map { row in
      // A bin with any value has a mark.
      let length = row.count == 0 ? 0 : max(1, Int(Double(row.count) / Double(most) * Double(room)))
      let space = String(repeating: " ", count: label - row.label.count)
      let bar = String(repeating: "#", count: length).padded(room)
      let count = row.count.groupedText
      return "  \(space)\(row.label)  \(bar)  \(String(repeating: " ", count: number - count.count))\(count)"
    }
  }
}
