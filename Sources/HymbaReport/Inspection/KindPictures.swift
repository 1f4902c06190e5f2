import HymbaFormat
import HymbaInspection
import HymbaPlot

/// The pictures of one kind of parameter: how its values spread in each layer, and histograms of some layers.
struct KindPictures {
  private let kind: ParameterKind

  init(_ kind: ParameterKind) { self.kind = kind }

  var pictures: [Picture] { [spread, histograms].compactMap(\.self) }

  /// What one layer has, over all of its parameters of this kind.
  private struct Place {
    let layer: Int
    let median: Double
    let half: ClosedRange<Double>
    let most: ClosedRange<Double>
    let all: ClosedRange<Double>
  }

  private var places: [Place] {
    Dictionary(grouping: kind.lines, by: \.layer).sorted { $0.key < $1.key }.compactMap { layer, lines in
      let statistics = lines.map(\.statistics).filter { !$0.quantiles.isEmpty }
      func ends(_ low: Double, _ high: Double) -> ClosedRange<Double>? {
        let lower = statistics.compactMap { $0.quantile(low) }.min()
        let upper = statistics.compactMap { $0.quantile(high) }.max()
        return lower.flatMap { lower in upper.flatMap { lower <= $0 ? lower...$0 : nil } }
      }
      let medians = statistics.compactMap { $0.quantile(0.5) }.sorted()
      guard let half = ends(0.25, 0.75), let most = ends(0.01, 0.99), !medians.isEmpty,
        let least = statistics.compactMap(\.min).min(), let greatest = statistics.compactMap(\.max).max(),
        least <= greatest
      else { return nil }
      return Place(
        layer: layer, median: medians[medians.count / 2], half: half, most: most, all: least...greatest)
    }
  }

  private var spread: Picture? {
    let places = places
    guard places.count > 1 else { return nil }
    let x = places.map { Double($0.layer) }
    func band(_ name: String, _ range: KeyPath<Place, ClosedRange<Double>>, _ opacity: Double) -> Mark {
      .band(
        Band(
          name, x: x, low: places.map { $0[keyPath: range].lowerBound },
          high: places.map { $0[keyPath: range].upperBound }, opacity: opacity))
    }
    let medians = places.map { place in
      Series.Point(
        Double(place.layer), place.median,
        text: "layer \(place.layer): median \(place.median.shortText), all from \(place.all.lowerBound.shortText) to \(place.all.upperBound.shortText)")
    }
    let ends = places.flatMap { place in
      [place.all.lowerBound, place.all.upperBound].map { Series.Point(Double(place.layer), $0) }
    }
    let summary =
      "Medians from \((places.map(\.median).min() ?? 0).shortText) to \((places.map(\.median).max() ?? 0).shortText) over \(places.count) layers."
    let plot = Plot(
      kind.name, summary: summary, x: Axis("layer", format: .integer), y: Axis("value"),
      [
        band("1 % to 99 %", \.most, 0.2), band("25 % to 75 %", \.half, 0.35),
        .line(Series("median", medians)), .points(Series("smallest, largest", ends, style: 1)),
      ])
    return Picture(plot, reading: remarks)
  }

  /// What is told of this kind, as sentences.
  private var remarks: String {
    let sentences =
      kind.flags.map { "\($0.severity.rawValue.capitalizedFirst): \($0.message)." }
      + kind.standOuts.map { "\($0.place.capitalizedFirst): \($0.text)." }
    let count = kind.lines.count
    let layers = NumberRanges(kind.layers).words
    return ([count == kind.layers.count ? "Layers \(layers)." : "\(count) tensors of layers \(layers)."] + sentences)
      .joined(separator: " ")
  }

  private static let mostPanels = 4

  private var histograms: Picture? {
    let shown = shownLayers
    let panels = shown.compactMap { layer in
      kind.lines.first { $0.layer == layer }.flatMap { line in
        line.statistics.histogram.map { HistogramPanel.panel("layer \(layer)", $0) }
      }
    }
    guard !panels.isEmpty else { return nil }
    return Picture(
      Histograms("\(kind.name), single layers", summary: "\(panels.count) histograms.", panels),
      reading: "Each histogram has its own scale.")
  }

  /// The layers that catch the eye, or else the first, the middle and the last, in ascending order.
  private var shownLayers: [Int] {
    let layers = kind.layers
    let flagged = kind.lines.filter { $0.line.flags?.contains { $0.severity != .note } == true }.map(\.layer)
    var shown: [Int] = []
    let usual = [layers[0], layers[layers.count / 2], layers[layers.count - 1]]
    // Where all layers are flagged, the first ones would show nothing of the others.
    let special = kind.standOuts.flatMap(\.layers) + (Set(flagged).count < layers.count ? flagged : [])
    for layer in special + usual where !shown.contains(layer) && shown.count < Self.mostPanels {
      shown.append(layer)
    }
    return shown.sorted()
  }
}

extension TensorStatistics {
  /// The quantile at one of ``shares``.
  fileprivate func quantile(_ share: Double) -> Double? { quantiles.first { $0.share == share }?.value }
}

extension String {
  /// The text with a capital letter at its beginning.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
