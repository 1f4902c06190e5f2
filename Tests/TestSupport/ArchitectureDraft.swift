public import HymbaModel

/// The values of an architecture while a test changes them.
public struct ArchitectureDraft {
  public var input: Architecture.Input
  public var hiddenSize: Int
  public var norm: Architecture.Norm
  public var metaTokens: Architecture.MetaTokens
  public var layers: [Architecture.Layer]
  public var sharedBlock: Architecture.SharedBlock?
  public var output: Architecture.Output
  public var multipliers: Architecture.Multipliers
}

extension Architecture {
  /// A copy with other values.
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  public func changed(_ change: (inout ArchitectureDraft) -> Void) throws(ModelError) -> Architecture {
    var draft = ArchitectureDraft(
      input: input, hiddenSize: hiddenSize, norm: norm, metaTokens: metaTokens, layers: layers,
      sharedBlock: sharedBlock, output: output, multipliers: multipliers)
    change(&draft)
    return try Architecture(
      input: draft.input, hiddenSize: draft.hiddenSize, norm: draft.norm,
      metaTokens: draft.metaTokens, layers: draft.layers, sharedBlock: draft.sharedBlock,
      output: draft.output, multipliers: draft.multipliers)
  }
}
