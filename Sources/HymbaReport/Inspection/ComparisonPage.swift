import HymbaFormat
import HymbaModel
import HymbaPlot

#if canImport(Glibc)
  import Glibc
#endif

/// The report of `hymba-inspect compare` as a page: the layers of each model, its parameters by part, its caches over
/// the context, and the work of a token.
package struct ComparisonPage {
  private let models: [ComparedModel]
  private let maker: String

  /// - Parameter maker: The tool and its version.
  package init(_ models: [ComparedModel], maker: String) {
    self.models = models
    self.maker = maker
  }

  package var page: Page {
    let title =
      models.count < 4 ? models.map(\.name).joined(separator: ", ") : "\(models.count) models"
    return Page(
      title: "\(models.count == 1 ? "Sizes" : "Comparison") of \(title)",
      [
        Section("Layers", [.pictures([layers]), .foldedTable(patterns)]),
        Section("Parameters", [.pictures([parameters] + (models.count > 1 ? [shares] : []))]),
        Section("Caches and work", [.pictures(caches + [work]), .paragraph(ComparisonRows.note(models))]),
        Section("All sizes", [.table(table)]),
      ], maker: maker)
  }

  private var layers: Picture {
    let letters = models.map(\.sizes.architecture.pattern).joined()
    let rows = models.map { model in
      Strips.Row(
        "\(model.name), \(model.sizes.architecture.layers.count) layers",
        model.sizes.architecture.pattern.enumerated().map { index, letter in
          let symbol = LayerStrips.symbol(letter)
          return Strips.Cell(
            String(letter), style: LayerStrips.style(symbol),
            text: "layer \(index): \(symbol?.title ?? "")\(letter.isUppercase ? ", with experts" : "")")
        })
    }
    return Picture(
      Strips(
        "The layers of each model", summary: "One box for each layer.", rows,
        legend: LayerStrips.legend(letters)),
      reading:
        "Each box is a layer, counted from 0. Attention has colours of its own, as its keys and values grow with the sequence.\(LayerStrips.notes(letters))"
    )
  }

  private var patterns: ReportTable {
    ReportTable(
      "The layers as letters", [.text("model"), .text("layers")],
      models.map { [$0.name, $0.sizes.architecture.pattern] })
  }

  /// Attention and Mamba are what hybrids are compared by, even where they are small.
  private var segments: Segments {
    let parts = Parameter.Part.allCases.map { part in
      (name: part.rawValue, size: models.reduce(0) { $0 + Self.count(part, in: $1) })
    }.filter { $0.size > 0 }
    let preferred: [Parameter.Part] = [.attention, .mamba, .sharedBlock]
    return Segments(parts, preferred: Set(preferred.map(\.rawValue)))
  }

  /// The parameters of each segment of a model.
  private static func values(_ segments: Segments, _ model: ComparedModel) -> [Double] {
    let sizes = Dictionary(
      model.sizes.parts.map { ($0.part.rawValue, $0.parameterCount) }, uniquingKeysWith: +)
    return segments.values(sizes).map { Double($0) }
  }

  private var shares: Picture {
    let segments = segments
    return Picture(
      StackedBars(
        "Shares of the parts", summary: "The same parts as shares of each model.", rows: "model",
        axis: Axis("share of the parameters", format: .percent), segments: segments.names,
        models.map { model in
          let all = Double(max(1, model.sizes.parameterCount))
          return StackedBars.Row(model.name, Self.values(segments, model).map { $0 / all })
        }),
      reading: "The same parts where each model is one length.")
  }

  private var parameters: Picture {
    let segments = segments
    let most = models.map(\.sizes.parameterCount).max() ?? 0
    let (unit, divisor) =
      most >= 1_000_000_000
      ? ("billions", 1e9) : most >= 1_000_000 ? ("millions", 1e6) : most >= 1000 ? ("thousands", 1e3) : ("", 1)
    let rows = models.map { model in
      StackedBars.Row(model.name, Self.values(segments, model).map { $0 / divisor })
    }
    let largest = models.max { $0.sizes.parameterCount < $1.sizes.parameterCount }
    return Picture(
      StackedBars(
        "Parameters by part",
        summary: "The largest is \(largest?.name ?? "none") with \(most.groupedText) parameters.", rows: "model",
        axis: Axis(unit.isEmpty ? "parameters" : "\(unit) of parameters"), segments: segments.names, rows),
      reading: ["All that is learned, each shared block counted once.", segments.note].compactMap(\.self)
        .joined(separator: " "))
  }

  private static func count(_ part: Parameter.Part, in model: ComparedModel) -> Int {
    model.sizes.parts.first { $0.part == part }?.parameterCount ?? 0
  }

  /// The most lines that a plot tells apart.
  private static let mostLines = 6
  /// Contexts from 256 to 262,144 tokens.
  private static let contexts = (8...18).map { 1 << $0 }

  private var caches: [Picture] {
    stride(from: 0, to: models.count, by: Self.mostLines).map { first in
      let part = models[first..<min(models.count, first + Self.mostLines)]
      let lines = part.enumerated().map { index, model in
        Mark.line(
          Series(
            model.name,
            Self.contexts.map { context in
              let cache = model.sizes.architecture.cacheSize(context: context)
              let bytes = ComparedModel.valueBytes * (cache.keyValues + cache.states)
              return Series.Point(
                Double(context), Double(bytes),
                text: "\(model.name), \(context.groupedText) tokens: \(bytes.byteText)")
            }, style: index))
      }
      let title = "Cache over context"
      return Picture(
        Plot(
          models.count > Self.mostLines ? "\(title), models \(first + 1) to \(first + part.count)" : title,
          summary: "Keys, values and states of one sequence of \(part.count) models.",
          x: Axis("tokens of context", .log10), y: Axis("bytes", .log10), lines),
        reading:
          "Keys, values and states of one sequence at 2 bytes a value. Where a line is flat, states and windows decide; where it rises, attention over all positions does."
      )
    }
  }

  private var work: Picture {
    let most = models.map(\.sizes.work.total).max() ?? 0
    let (unit, divisor) = most >= 1_000_000_000 ? ("billions", 1e9) : most >= 1_000_000 ? ("millions", 1e6) : ("thousands", 1e3)
    let context = ModelSizes.context.groupedText
    return Picture(
      StackedBars(
        "Work of one token",
        summary: "Multiply-adds of the token at position \(context).", rows: "model",
        axis: Axis("\(unit) of multiply-adds"),
        segments: ["whatever the context", "attention at \(context) tokens"],
        models.map { model in
          StackedBars.Row(
            model.name, [model.sizes.work.perToken, model.sizes.work.attention].map { Double($0) / divisor })
        }),
      reading: "The first part is the same for every token. The second grows with the tokens before it, up to the windows.")
  }

  private var table: ReportTable {
    let rows = ComparisonRows(models).rows.filter { $0.values.contains { $0 != ComparisonRows.absent } }
    return ReportTable(
      "The numbers of the pictures, and others", [.text("size")] + models.map { .number($0.name) },
      rows.map { [$0.label.replacing("  ", with: "· ")] + $0.values })
  }
}
