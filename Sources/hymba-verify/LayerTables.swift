import HymbaFormat
import HymbaModel
import HymbaTerminal
import HymbaVerification

/// The statistics of the layers as tables for people: one table for each kind of statistics that some layer has.
struct LayerTables {
  private let layers: [LayerReport]

  init(_ layers: [LayerReport]) { self.layers = layers }

  func lines(width: Int?) -> [String] {
    let tables = [gates, fusions, branches, residuals, routers].compactMap { $0 }
    return tables.flatMap { $0.paragraph(width: width) } + routerNotes(width: width)
  }

  /// A table with a row for each layer that has these statistics; nil where none has.
  private func table<Statistics>(
    _ statistics: KeyPath<LayerReport, Statistics?>,
    _ columns: [(title: String, alignment: Table.Alignment)],
    row: (LayerReport, Statistics) -> [String]
  ) -> Table? {
    var table = Table([("layer", .right)] + columns)
    let rows = layers.compactMap { layer in
      layer[keyPath: statistics].map { ["\(layer.index)"] + row(layer, $0) }
    }
    for row in rows { table.add(row) }
    return rows.isEmpty ? nil : table
  }

  private var gates: Table? {
    table(
      \.gate,
      [
        ("output", .left), ("gate mean", .right), ("std", .right), ("min", .right),
        ("max", .right), ("< 0.05", .right), ("> 0.95", .right),
      ]
    ) { layer, gate in
      [
        "\(layer.outputShape)", gate.mean.fixedText(4), gate.std.fixedText(4),
        gate.min.fixedText(4), gate.max.fixedText(4), gate.below005.percentText(2),
        gate.above095.percentText(2),
      ]
    }
  }

  private var fusions: Table? {
    table(
      \.fusion,
      [
        ("output", .left), ("attn RMS", .right), ("mamba RMS", .right), ("attn share", .right),
        ("cosine", .right), ("gate ~ 0", .right),
      ]
    ) { layer, fusion in
      [
        "\(layer.outputShape)", fusion.attentionRMS.shortText, fusion.mambaRMS.shortText,
        fusion.attentionShare.percentText(1),
        fusion.cosine.isNaN ? "-" : fusion.cosine.fixedText(3), fusion.gateNearZero.percentText(2),
      ]
    }
  }

  private var branches: Table? {
    table(
      \.branches,
      [
        ("output", .left), ("stream RMS", .right), ("attn RMS", .right), ("share", .right),
        ("mamba RMS", .right), ("share", .right),
      ]
    ) { layer, branches in
      [
        "\(layer.outputShape)", branches.streamRMS.shortText, branches.attentionRMS.shortText,
        branches.attentionShare.percentText(1), branches.mambaRMS.shortText,
        branches.mambaShare.percentText(1),
      ]
    }
  }

  private var residuals: Table? {
    let hasShared = layers.contains { $0.sharedUse != nil }
    return table(
      \.residual,
      [
        ("output", .left), ("mixer", .left), ("stream RMS", .right), ("mixer RMS", .right),
        ("share", .right),
      ] + (hasShared ? [("shared", .right)] : []) + (hasBlocks ? [("use", .right)] : [])
    ) { layer, residual in
      [
        "\(layer.outputShape)", mixer(layer), residual.streamRMS.shortText,
        residual.mixerRMS.shortText, residual.share.percentText(1),
      ] + (hasShared ? [residual.sharedShare?.percentText(1) ?? "-"] : [])
        + (hasBlocks ? [layer.sharedUse.map { "\($0.use)" } ?? "-"] : [])
    }
  }

  /// Whether the model has several shared blocks.
  private var hasBlocks: Bool { layers.contains { $0.sharedUse.map { $0.block > 0 } ?? false } }

  private func mixer(_ layer: LayerReport) -> String {
    switch layer.mixer {
    case .sharedThenMamba:
      hasBlocks ? "block \(layer.sharedUse?.block ?? 0)" : "shared, mamba"
    case .none: layer.router == nil ? "feed forward" : "experts"
    case .parallel, .attention, .mamba: layer.mixer.rawValue
    }
  }

  /// The largest number of experts whose loads fit into a line.
  private static let listedExperts = 12

  private var routers: Table? {
    table(
      \.router,
      [
        ("entropy", .right), ("even", .right), ("near-ties", .right), ("load of experts, %", .left),
      ]
    ) { _, router in
      let load = router.load.map { ($0 * 100).fixedText(0) }
      let least = ((router.load.min() ?? 0) * 100).fixedText(2)
      let most = ((router.load.max() ?? 0) * 100).fixedText(2)
      return [
        router.entropy.shortText, RouterStatistics.evenEntropy(experts: load.count).shortText,
        "\(router.nearTies)",
        load.count <= Self.listedExperts
          ? load.joined(separator: " ") : "\(least) to \(most) of \(load.count)",
      ]
    }
  }

  /// What the columns of routers mean where probabilities are not those of a softmax, or do not choose alone.
  private func routerNotes(width: Int?) -> [String] {
    let routers = layers.compactMap(\.router)
    var notes: [String] = []
    if routers.contains(where: { $0.scores == .sigmoid }) {
      notes.append("entropy: of the sigmoids of each position, divided by their sum")
    }
    if routers.contains(where: \.hasBias) {
      notes.append("load and near-ties: of the choice, in which a learned bias takes part")
    }
    return notes.joined(separator: "; ").wrapped(label: "  ", width: width)
  }
}
