import HymbaFormat
import HymbaPlot
import HymbaVerification

/// How far each capture is from its reference, and how far it may be.
struct ComparisonSection {
  private let comparison: [CaptureComparison]

  init(_ comparison: [CaptureComparison]) { self.comparison = comparison }

  var section: Section? {
    guard !comparison.isEmpty else { return nil }
    return Section("Comparison with the reference", [.pictures(pictures), .foldedTable(table)])
  }

  private var firstDivergence: Int? { comparison.firstIndex { !$0.passed } }

  private var pictures: [Picture] {
    [
      Picture(
        plot(
          "Largest error by capture", "largest error / largest expected value", \.maxRelativeError,
          \.errorBound),
        reading:
          "Read from left to right, as the model computes: everything left of the first divergence agrees, and what follows it may differ for that reason alone. The lower, the better."
      ),
      Picture(
        plot("Mean error by capture", "NMSE", \.nmse, \.nmseBound),
        reading:
          "NMSE is the mean squared error over the variance of the expected values: a single wrong value hardly moves it, a wrong computation does. A capture may differ by its largest error alone, and lie below the line here."
      ),
    ]
  }

  private func plot(
    _ title: String, _ label: String, _ error: KeyPath<CaptureComparison, Double?>,
    _ bound: KeyPath<CaptureComparison, Double?>
  ) -> Plot {
    let isLargest = error == \.maxRelativeError
    func points(where isIncluded: (CaptureComparison) -> Bool) -> [Series.Point] {
      comparison.enumerated().compactMap { index, line in
        guard isIncluded(line) else { return nil }
        let value = line[keyPath: error]
        let text =
          "\(line.capture): \(value.map { $0 == 0 ? "equal" : $0.shortText } ?? line.problem ?? "no number")"
        return Series.Point(Double(index), value ?? .nan, text: text)
      }
    }
    func bounds(_ name: String, _ path: KeyPath<CaptureComparison, Double?>, style: Int) -> [Mark] {
      let values = comparison.map { $0[keyPath: path] }
      guard values.contains(where: { $0 != nil }) else { return [] }
      if Set(values.compactMap(\.self)).count == 1, let value = values.compactMap(\.self).first, value > 0 {
        return [.horizontalRule(at: value, label: name, style: style == 5 ? 0 : 1)]
      }
      let drawn = values.enumerated().compactMap { index, value in
        value.map {
          Series.Point(Double(index), $0, text: "\(name), \(comparison[index].capture): \($0.shortText)")
        }
      }
      var series = Series(name, drawn, style: style)
      series.hasMarkers = false
      series.zerosAtEdge = true
      return [.line(series)]
    }
    let isEqual = { (line: CaptureComparison) in line[keyPath: error] == 0 }
    var series = [
      Series("capture agrees", points { $0.passed && !isEqual($0) }, style: 0),
      Series("capture differs", points { !$0.passed && !isEqual($0) }, style: 1),
      Series("equal to the last bit", points(where: isEqual), style: 2),
    ]
    for index in series.indices { series[index].zerosAtEdge = true }
    var marks = bounds("largest allowed", bound, style: 5)
    if isLargest { marks += bounds("what rounding alone makes", \.noise, style: 3) }
    marks += series.filter { !$0.points.isEmpty }.map(Mark.points)
    if let first = firstDivergence {
      marks.append(
        .verticalRule(at: Double(first), label: "first divergence: \(comparison[first].capture)"))
    }
    let failed = comparison.count { !$0.passed }
    let summary =
      failed == 0
      ? "All \(comparison.count) captures agree with the reference."
      : "\(failed) of \(comparison.count) captures differ from the reference, first \(comparison[firstDivergence ?? 0].capture)."
    return Plot(
      title, summary: summary,
      x: Axis("captures in the order of computation, by layer", places: layerPlaces),
      y: Axis(label, .log10), marks)
  }

  /// The first capture of each layer, and what comes before and after all layers.
  private var layerPlaces: [Axis.Place] {
    var last: String?
    return comparison.enumerated().compactMap { index, line in
      let group = Self.group(line.capture)
      defer { last = group }
      return group == last ? nil : Axis.Place(Double(index), group)
    }
  }

  /// The layer of a capture; the stream after a layer belongs to it.
  private static func group(_ capture: String) -> String {
    let parts = capture.split(separator: ".")
    guard parts.count > 1, let number = Int(parts[1]) else { return "end" }
    guard parts[0] == "hidden_states" else { return "\(number)" }
    return number == 0 ? "in" : "\(number - 1)"
  }

  var table: ReportTable {
    let hasNoise = comparison.contains { $0.noise != nil }
    return ReportTable(
      "All compared captures in numbers, in the order of computation",
      [
        .text("capture"), .text("result"), .number("NMSE"), .number("allowed"),
        .number("largest error"), .number("relative"), .number("allowed"),
      ]
        + (hasNoise ? [.number("rounding alone")] : []),
      comparison.map { line in
        [.init(line.capture), Self.verdict(line)]
          + ([line.nmse, line.nmseBound, line.maxAbsError, line.maxRelativeError, line.errorBound]
          + (hasNoise ? [line.noise] : [])).map { .init($0?.shortText ?? "–") }
      })
  }

  private static func verdict(_ line: CaptureComparison) -> ReportTable.Cell {
    let zero = line.referenceIsZero ? ", zero there" : ""
    return switch line.failed {
    case nil: .init("ok" + zero, .good)
    case .error: .init("error too large" + zero, .bad)
    case .nmse: .init("NMSE too large", .bad)
    case .undetermined: .init("not determined", .warning)
    case .shape: .init("other shape", .bad)
    case .type: .init("other type", .bad)
    case .reference: .init("no number in the reference", .warning)
    }
  }
}
