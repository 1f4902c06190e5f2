import HymbaModel

/// The layers of models as characters, and what the characters mean.
enum LayerPicture {
  /// The characters of a model in groups of ten, so that layers can be counted.
  static func groups(_ architecture: Architecture) -> String {
    let symbols = Array(architecture.pattern)
    return stride(from: 0, to: symbols.count, by: 10).map { first in
      String(symbols[first..<min(symbols.count, first + 10)])
    }.joined(separator: " ")
  }

  /// The meaning of each character that occurs in the layers of some models.
  static func legend(_ architectures: [Architecture]) -> String {
    let patterns = architectures.map(\.pattern).joined()
    var entries = LayerSymbol.allCases.filter { symbol in
      patterns.lowercased().contains(symbol.rawValue)
    }.map { "\($0.rawValue) \($0.title)" }
    if patterns.contains(where: \.isUppercase) { entries.append("capital: with experts") }
    return entries.joined(separator: "; ")
  }
}
