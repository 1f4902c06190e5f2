import HymbaModel
import HymbaPlot

/// The colours of layers in strips, and the legend for them.
enum LayerStrips {
  /// Attention stands out, as its keys and values grow with the sequence. Kinds of the same colour have different
  /// letters.
  static func style(_ symbol: LayerSymbol?) -> Int? {
    switch symbol {
    case .attention: 1
    case .parallel, .parallelMamba2: 3
    case .windowedAttention, .windowedParallel, .windowedParallelMamba2: 2
    case .sharedThenMamba, .sharedThenMamba2: 5
    case .mamba, .mamba2: 0
    case .feedForward, nil: nil
    }
  }

  /// The kind of layer behind a letter, small or capital.
  static func symbol(_ letter: Character) -> LayerSymbol? {
    LayerSymbol(rawValue: Character(letter.lowercased()))
  }

  /// The meaning of each letter that occurs.
  static func legend(_ letters: String) -> [(style: Int, name: String)] {
    let small = letters.lowercased()
    return LayerSymbol.allCases.filter { small.contains($0.rawValue) }.compactMap { symbol in
      style(symbol).map { ($0, "\(symbol.rawValue) \(symbol.title)") }
    }
  }

  /// What the legend cannot show.
  static func notes(_ letters: String) -> String {
    let pale = letters.lowercased().contains(LayerSymbol.feedForward.rawValue)
      ? " A pale f is a feed forward alone." : ""
    return (letters.contains(where: \.isUppercase) ? " A capital letter marks a layer with experts." : "") + pale
  }
}
