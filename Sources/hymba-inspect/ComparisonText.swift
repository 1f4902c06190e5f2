import HymbaFormat
import HymbaModel
import HymbaReport
import HymbaTerminal

/// A comparison of models, for people: the layers of each model as a line of characters, then a table.
struct ComparisonText {
  let models: [ComparedModel]

  init(_ models: [ComparedModel]) { self.models = models }

  private static let gap = 2

  func lines(width: Int) -> [String] {
    var lines: [String] = []
    for model in models {
      let architecture = model.sizes.architecture
      lines.append(Terminal.styled(model.source.printable, .bold))
      lines += pattern(architecture, width: width)
    }
    lines += LayerPicture.legend(models.map(\.sizes.architecture)).wrapped(label: "  ", width: width)
    let rows = ComparisonRows(models).rows
    let label = rows.map(\.label.count).max() ?? 0
    let number = rows.flatMap(\.values).map(\.count).max() ?? 0
    // As many models are beside each other as fit with their numbers. Their names are cut to their columns.
    let fitting = max(1, (width - label) / (number + Self.gap))
    let column = max(number, (width - label) / min(fitting, models.count) - Self.gap)
    for first in stride(from: 0, to: models.count, by: fitting) {
      let part = first..<min(models.count, first + fitting)
      var table = Table(
        [(String(repeating: " ", count: label), .left)]
          + models[part].map { ($0.name.printable.shortened(to: column), .right) })
      for row in rows where row.values[part].contains(where: { $0 != ComparisonRows.absent }) {
        table.add([row.label] + row.values[part])
      }
      lines += [""] + table.lines(width: width)
    }
    return lines + [""] + ComparisonRows.note(models).wrapped(label: "", width: width)
  }

  // MARK: Layers

  private func pattern(_ architecture: Architecture, width: Int) -> [String] {
    let symbols = Array(architecture.pattern)
    let room = max(20, width - 2)
    return stride(from: 0, to: symbols.count, by: room).map { first in
      "  "
        + symbols[first..<min(symbols.count, first + room)].map(Self.styled).joined()
    }
  }

  /// The symbol of a layer in its colour. Attention stands out, as its keys and values grow with the sequence.
  private static func styled(_ symbol: Character) -> String {
    let text = String(symbol)
    switch LayerSymbol(rawValue: Character(text.lowercased())) {
    case .attention, .parallel, .parallelMamba2: return Terminal.styled(text, .yellow)
    case .windowedAttention, .windowedParallel, .windowedParallelMamba2:
      return Terminal.styled(text, .green)
    case .sharedThenMamba, .sharedThenMamba2: return Terminal.styled(text, .red)
    case .mamba, .mamba2, .feedForward, nil: return text
    }
  }
}
