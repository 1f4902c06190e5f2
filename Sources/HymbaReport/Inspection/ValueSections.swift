import HymbaFormat
import HymbaInspection
import HymbaPlot

/// What the values of the parameters look like: what is told of them first, then each kind of parameter over the
/// layers.
struct ValueSections {
  private let listing: ParameterListing
  private let kinds: [ParameterKind]

  init(_ listing: ParameterListing) {
    self.listing = listing
    // Kinds with flags come first, then those with something that catches the eye.
    let kinds = ParameterKind.kinds(listing.parameters).map { kind in
      (kind: kind, rank: kind.flags.contains { $0.severity != .note } ? 0 : kind.standOuts.isEmpty ? 2 : 1)
    }
    self.kinds = (0...2).flatMap { rank in kinds.filter { $0.rank == rank }.map(\.kind) }
  }

  private var hasStatistics: Bool { listing.parameters.contains { $0.statistics?.wrappedValue != nil } }

  /// The flags, and what else catches the eye; none without statistics.
  var first: [Section] {
    guard hasStatistics else { return [] }
    let flags = flagTable
    let standOuts = standOutTable
    let blocks: [Block] =
      (flags.rows.isEmpty ? [.paragraph("No flag: the values show nothing that is known to be wrong.")] : [.table(flags)])
      + (standOuts.rows.isEmpty ? [] : [.table(standOuts)])
    return [Section("What the values say", blocks)]
  }

  private var flagTable: ReportTable {
    var order: [ValueFlag] = []
    var names: [ValueFlag: [String]] = [:]
    for line in listing.parameters {
      for flag in line.flags ?? [] {
        if names[flag] == nil { order.append(flag) }
        names[flag, default: []].append(line.name)
      }
    }
    let ranks = Finding.Severity.allCases
    let sorted = ranks.flatMap { severity in order.filter { $0.severity == severity } }
    return ReportTable(
      "What is told of the values, most severe first", [.text("parameters"), .text(""), .text("what"), .text("kind")],
      sorted.map { flag in
        [
          .init(FoldedNames.fold(names[flag] ?? []).words), Self.word(flag.severity), .init(flag.message),
          .init(flag.kind.rawValue),
        ]
      })
  }

  private static func word(_ severity: Finding.Severity) -> ReportTable.Cell {
    switch severity {
    case .error: .init("✗ error", .bad)
    case .warning: .init("! warning", .warning)
    case .note: .init("note")
    }
  }

  private var standOutTable: ReportTable {
    ReportTable(
      "What catches the eye beside that; trained models have such values too",
      [.text("kind of parameter"), .text("layers"), .text("what")],
      kinds.flatMap { kind in
        kind.standOuts.map { [kind.name, NumberRanges($0.layers).words, $0.text] }
      })
  }

  /// Pictures of each kind of parameter over the layers, and of what belongs to no layer; none without statistics.
  var byLayer: [Section] {
    guard hasStatistics else { return [] }
    let outside = listing.parameters.filter { LayerMap.layer($0.name) == nil }
    let panels = outside.compactMap { line in
      line.statistics?.wrappedValue?.histogram.map { HistogramPanel.panel(line.name, $0) }
    }
    var sections: [Section] = []
    if !kinds.isEmpty {
      sections.append(
        Section(
          "Values over the layers",
          [
            .paragraph(
              "Two pictures for each kind of parameter. The first has a place for each layer: the line is the median, the dark band holds half of the values, the light one all but 2 %, and the marks are the smallest and the largest. The second has histograms of single layers: those that catch the eye, or else the first, the middle and the last; what lies beyond the quantiles 0.001 and 0.999 is left out there. What is flagged comes first, then what catches the eye."
            )
          ] + kinds.map { .pictures(KindPictures($0).pictures) }))
    }
    if !panels.isEmpty {
      sections.append(
        Section(
          "Values outside of the layers",
          [
            .pictures([
              Picture(
                Histograms(
                  "Distributions", summary: "\(panels.count) histograms, one for each parameter.", panels),
                reading: HistogramPanel.reading)
            ])
          ]))
    }
    return sections
  }

  /// Every parameter with its sizes, and its figures where they were made.
  var table: ReportTable {
    let hasStatistics = hasStatistics
    let columns: [ReportTable.Column] =
      [.text("parameter"), .text("type"), .text("shape"), .number("bytes"), .number("stored")]
      + (hasStatistics
        ? ["mean", "std", "min", "max", "zero", "bits"].map { .number($0) } : [])
    func figures(_ statistics: TensorStatistics?) -> [String] {
      guard hasStatistics else { return [] }
      guard let statistics else { return [String](repeating: "–", count: 6) }
      return [statistics.mean, statistics.std, statistics.min, statistics.max].map { $0?.compactText ?? "–" }
        + [statistics.zeroShare.percentText, "\(statistics.effectiveBits)"]
    }
    return ReportTable(
      "\(listing.parameters.count.groupedText) parameters", columns,
      listing.parameters.flatMap { line -> [[String]] in
        let sizes = ["\(line.shape)", line.bytes.byteText, line.storedBytes.byteText]
        let row = [line.name, line.shownType] + sizes + figures(line.statistics?.wrappedValue)
        let parts = (line.parts ?? []).map { part -> [String] in
          ["\(line.name), \(part.name)", "", "", "", ""] + figures(part.statistics)
        }
        return [row] + parts
      })
  }
}

/// A histogram of a parameter's values as a panel.
enum HistogramPanel {
  static let reading =
    "Each histogram has its own scale, from the quantile 0.001 to 0.999 of the values; what lies beyond is left out."

  static func panel(_ name: String, _ histogram: TensorStatistics.Histogram) -> Histograms.Panel {
    .init(name, low: histogram.lower, high: histogram.upper, counts: histogram.counts)
  }
}
