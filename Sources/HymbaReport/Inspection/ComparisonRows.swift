import HymbaFormat
import HymbaModel

/// The sizes of compared models as rows of a table: a label, and one value for each model.
package struct ComparisonRows {
  package typealias Row = (label: String, values: [String])
  package let rows: [Row]

  /// The text of a size that a model does not have.
  package static let absent = "-"

  package init(_ models: [ComparedModel]) {
    var rows: [Row] = []
    func add(_ label: String, _ value: (ModelSizes) -> String) {
      rows.append((label, models.map { value($0.sizes) }))
    }
    add("layers") { $0.architecture.layers.count.groupedText }
    add("hidden size") { $0.architecture.hiddenSize.groupedText }
    add("parameters") { $0.parameterCount.groupedText }
    for part in Parameter.Part.allCases {
      add("  \(part.rawValue)") { sizes in
        sizes.parts.first { $0.part == part }?.parameterCount.groupedText ?? Self.absent
      }
    }
    add("active for a token") { $0.activeParameterCount.groupedText }
    add("cache, a further token") { (ComparedModel.valueBytes * $0.keyValuesPerToken).byteText }
    add("cache, \(ModelSizes.context.groupedText) tokens") {
      (ComparedModel.valueBytes * $0.cache.keyValues).byteText
    }
    add("  and states") { (ComparedModel.valueBytes * $0.cache.states).byteText }
    add("multiply-adds a token") { $0.work.perToken.groupedText }
    add("  and attention at \(ModelSizes.context.groupedText)") { $0.work.attention.groupedText }
    self.rows = rows
  }

  /// What the numbers mean.
  package static func note(_ models: [ComparedModel]) -> String {
    let hasMamba2 = models.contains { model in
      model.sizes.architecture.layers.contains { $0.mamba2 != nil }
    }
    let scan = "4 for each channel and state of a scan" + (hasMamba2 ? ", 3 in Mamba-2" : "")
    return
      "Caches: keys and values at 2 bytes a value; a further token is one beyond all windows. Multiply-adds: every matrix that a token is multiplied with, once for each use; convolutions; \(scan); attention over all positions that it sees."
  }
}
