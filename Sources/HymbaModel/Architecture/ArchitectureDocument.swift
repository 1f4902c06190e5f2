import FoundationEssentials

/// The content of an architecture's JSON text, before it is checked.
struct ArchitectureDocument: Codable {
  let input: Architecture.Input
  let hiddenSize: Int
  let norm: Architecture.Norm
  let metaTokens: Architecture.MetaTokens
  let layers: [Architecture.Layer]
  let sharedBlock: Architecture.SharedBlock?
  let output: Architecture.Output
  let multipliers: Architecture.Multipliers?

  init(_ architecture: Architecture) {
    self.input = architecture.input
    self.hiddenSize = architecture.hiddenSize
    self.norm = architecture.norm
    self.metaTokens = architecture.metaTokens
    self.layers = architecture.layers
    self.sharedBlock = architecture.sharedBlock
    self.output = architecture.output
    let multipliers = architecture.multipliers
    self.multipliers = multipliers == Architecture.Multipliers() ? nil : multipliers
  }

  /// Compact text with sorted keys.
  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding fails for infinite numbers only. No architecture has one, and JSON text cannot express one.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

extension Architecture {
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  init(_ document: ArchitectureDocument) throws(ModelError) {
    try self.init(
      input: document.input, hiddenSize: document.hiddenSize, norm: document.norm,
      metaTokens: document.metaTokens, layers: document.layers,
      sharedBlock: document.sharedBlock, output: document.output,
      multipliers: document.multipliers ?? Architecture.Multipliers())
  }
}

extension Architecture: Codable {
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have, and the
  ///   errors of `decoder`.
  public init(from decoder: any Decoder) throws {
    try self.init(ArchitectureDocument(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try ArchitectureDocument(self).encode(to: encoder)
  }
}
