import HymbaPlot
import HymbaVerification

/// The attention of the chosen head.
struct AttentionSection {
  private let attention: AttentionWeights?

  init(_ report: VerificationReport) { attention = report.attention }

  var section: Section? {
    guard let attention else { return nil }
    let name = "layer \(attention.layer), head \(attention.head)"
    let keys = attention.weights.first?.count ?? 0
    var map = HeatMap(
      "Attention of \(name)",
      summary: "The weights of \(attention.weights.count) queries on \(keys) keys.",
      rows: "query position",
      columns: attention.metaCount > 0 ? "key, meta tokens first" : "key position",
      values: "weight",
      attention.weights)
    map.least = 0...0
    if attention.metaCount > 0 {
      map.divider = HeatMap.Divider(column: attention.metaCount, label: "input begins")
    }
    return Section(
      "Attention",
      [
        .paragraph(
          "The first sequence in \(name), which reads the keys and values of head \(attention.keyValueHead)."
        ),
        .pictures([
          Picture(
            map,
            reading:
              "Each row is a position that reads, each column one that is read; a row adds up to 1. Above the diagonal lies the future, which no position may see."
          )
        ]),
      ])
  }
}
