import HymbaFormat
import HymbaModel
import HymbaTerminal

/// Models side by side, for people: the layers of each as a line of characters, then a table.
struct ComparisonText {
  let models: [ComparedModel]

  init(_ models: [ComparedModel]) { self.models = models }

  /// Columns of a model in the table: room for fourteen digits with their separators.
  private static let column = 16
  private static let label = 26

  func lines(width: Int) -> [String] {
    var lines: [String] = []
    for model in models {
      let architecture = model.sizes.architecture
      lines.append(Terminal.styled(model.source.printable, .bold))
      lines += pattern(architecture, width: width)
    }
    lines += legend(width: width)
    // As many models beside each other as fit.
    let fitting = max(1, (width - Self.label) / (Self.column + 2))
    for first in stride(from: 0, to: models.count, by: fitting) {
      let part = Array(models[first..<min(models.count, first + fitting)])
      lines += [""] + table(part, width: width)
    }
    return lines + [""] + notes(width: width)
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

  /// Attention stands out: its keys and values are what grows.
  private static func styled(_ symbol: Character) -> String {
    let text = String(symbol)
    switch LayerSymbol(rawValue: Character(text.lowercased())) {
    case .attention, .parallel: return Terminal.styled(text, .yellow)
    case .windowedAttention, .windowedParallel: return Terminal.styled(text, .green)
    case .sharedThenMamba: return Terminal.styled(text, .red)
    case .mamba, nil: return text
    }
  }

  private func legend(width: Int) -> [String] {
    let patterns = models.map(\.sizes.architecture.pattern).joined()
    var entries = LayerSymbol.allCases.filter { symbol in
      patterns.lowercased().contains(symbol.rawValue)
    }.map { "\($0.rawValue) \($0.title)" }
    if patterns.contains(where: \.isUppercase) { entries.append("capital: with experts") }
    return entries.joined(separator: "; ").wrapped(label: "  ", width: width)
  }

  // MARK: Table

  private func table(_ models: [ComparedModel], width: Int) -> [String] {
    var table = Table(
      [("", .left)] + models.map { (Self.shortened($0.name.printable), .right) })
    func add(_ label: String, _ value: (ModelSizes) -> String) {
      table.add([label.padded(Self.label)] + models.map { value($0.sizes) })
    }
    add("layers") { $0.architecture.layers.count.groupedText }
    add("hidden size") { $0.architecture.hiddenSize.groupedText }
    add("parameters") { $0.parameterCount.groupedText }
    for part in Parameter.Part.allCases {
      let counts = models.map { model in model.sizes.parts.first { $0.part == part } }
      guard counts.contains(where: { $0 != nil }) else { continue }
      table.add(
        ["  \(part.rawValue)"] + counts.map { $0?.parameterCount.groupedText ?? "-" })
    }
    add("active for a token") { $0.activeParameterCount.groupedText }
    add("cache, a further token") { (ComparedModel.valueBytes * $0.keyValuesPerToken).byteText }
    add("cache, \(ModelSizes.context.groupedText) tokens") {
      (ComparedModel.valueBytes * $0.cache.keyValues).byteText
    }
    add("  and states") { (ComparedModel.valueBytes * $0.cache.states).byteText }
    add("multiply-adds for a token") { $0.work.perToken.groupedText }
    add("  and attention at \(ModelSizes.context.groupedText)") { $0.work.attention.groupedText }
    return table.lines(width: width)
  }

  private static func shortened(_ name: String) -> String {
    name.count <= column ? name : name.prefix(column - 1) + "…"
  }

  private func notes(width: Int) -> [String] {
    "Caches: keys and values at 2 bytes a value; a further token is one beyond all windows. Multiply-adds: every matrix that a token is multiplied with, once for each use; convolutions; 4 for each channel and state of a scan; attention over all positions that it sees."
      .wrapped(label: "", width: width)
  }
}
