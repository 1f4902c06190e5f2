import HymbaFormat
import HymbaVerification

/// The statistics of the layers as tables: one for each kind of statistics that some layer has.
struct LayerStatisticsTables {
  private let layers: [LayerReport]

  init(_ layers: [LayerReport]) { self.layers = layers }

  /// A table with a row for each layer that has these statistics; nil where none has.
  private func table<Statistics>(
    _ caption: String, _ columns: [String], of statistics: (LayerReport) -> Statistics?,
    row: (LayerReport, Statistics) -> [String]
  ) -> ReportTable? {
    let rows = layers.compactMap { layer in
      statistics(layer).map { ["\(layer.index)"] + row(layer, $0) }
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(caption, (["layer"] + columns).map { .number($0) }, rows)
  }

  var gates: ReportTable? {
    table(
      "The gates of each layer in numbers",
      [
        "mean", "std", "min", "5 %", "25 %", "median", "75 %", "95 %", "max", "below 0.05",
        "above 0.95",
      ],
      of: \.gate
    ) { _, gate in
      ([gate.mean, gate.std, gate.min] + gate.quantiles + [gate.max]).map { $0.fixedText(4) }
        + [gate.below005, gate.above095].map { $0.percentText(2) }
    }
  }

  var fusions: ReportTable? {
    table(
      "The fusions of each layer in numbers",
      ["attention RMS", "Mamba RMS", "attention's share", "cosine", "gate near 0"], of: \.fusion
    ) { _, fusion in
      [
        fusion.attentionRMS.shortText, fusion.mambaRMS.shortText,
        fusion.attentionShare.percentText(1),
        fusion.cosine.isNaN ? "–" : fusion.cosine.fixedText(3), fusion.gateNearZero.percentText(2),
      ]
    }
  }

  var branches: ReportTable? {
    table(
      "The branches of each layer in numbers",
      ["stream RMS", "attention RMS", "share", "Mamba RMS", "share"], of: \.branches
    ) { _, branches in
      [
        branches.streamRMS.shortText, branches.attentionRMS.shortText,
        branches.attentionShare.percentText(1), branches.mambaRMS.shortText,
        branches.mambaShare.percentText(1),
      ]
    }
  }

  var residuals: ReportTable? {
    let hasShared = layers.contains { $0.sharedUse != nil }
    return table(
      "What each layer adds, in numbers",
      ["mixer", "stream RMS", "added RMS", "share"]
        + (hasShared ? ["shared block", "its use", "its share"] : []), of: \.residual
    ) { layer, residual in
      [
        Self.mixer(layer), residual.streamRMS.shortText, residual.mixerRMS.shortText,
        residual.share.percentText(1),
      ]
        + (hasShared
          ? [
            layer.sharedUse.map { "\($0.block)" } ?? "–",
            layer.sharedUse.map { "\($0.use)" } ?? "–",
            residual.sharedShare?.percentText(1) ?? "–",
          ] : [])
    }
  }

  var stream: ReportTable? {
    table("The stream after each layer in numbers", ["mixer", "shape", "output RMS"], of: Optional.some) {
      layer, _ in
      [
        Self.mixer(layer), layer.outputShape.map(String.init).joined(separator: " × "),
        layer.streamRMS.shortText,
      ]
    }
  }

  var routers: ReportTable? {
    table(
      "The routers of each layer in numbers",
      ["experts", "entropy, nats", "near-ties", "least load", "greatest load"], of: \.router
    ) { _, router in
      [
        "\(router.load.count)", router.entropy.shortText, "\(router.nearTies)",
        (router.load.min() ?? .nan).percentText(2), (router.load.max() ?? .nan).percentText(2),
      ]
    }
  }

  static func mixer(_ layer: LayerReport) -> String {
    switch layer.mixer {
    case .parallel: "attention + Mamba"
    case .attention: "attention"
    case .mamba: "Mamba"
    case .sharedThenMamba: "shared block, then Mamba"
    case .none: layer.router == nil ? "feed forward" : "experts"
    }
  }
}
