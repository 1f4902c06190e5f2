public import HymbaFormat
public import HymbaModel

/// A model whose work the benchmarks do not count.
public struct NotMeasured: Diagnosis {
  public var kind: FailureKind { .wrong }
  public var description: String {
    "only models of tokens are measured whose layers all have attention beside Mamba and no experts; this is another one"
  }

  /// - Throws: ``NotMeasured`` unless every position goes once through every matrix.
  public static func require(_ architecture: Architecture) throws(NotMeasured) {
    let isParallel = architecture.layers.allSatisfy { layer in
      guard case .parallel = layer.mixer else { return false }
      return layer.feedForward.expertCount == 0
    }
    guard architecture.output != .lastHiddenState, isParallel else { throw NotMeasured() }
  }
}
