public import HymbaModel

/// Small hybrids with Mamba-2, one of each kind, sizes such that hardly two are alike.
public enum WiderHybrids: String, CaseIterable, Sendable {
  /// Two shared blocks in turn, with adapters.
  case zamba2
  /// Parallel branches that are added, with every factor.
  case falconH1
  /// Mamba-2 or attention that is rotated in part, each before a network with biases.
  case bamba
  /// Experts beside a shared network, with factors of the whole model.
  case granite
  /// Layers of one operation, with experts in groups behind a latent projection.
  case nemotronH
  /// Both generations of Mamba in one model, in parallel with attention in a window.
  case windowed

  /// - Throws: ``ModelError/option(_:found:expected:)`` if the architecture were impossible.
  public var architecture: Architecture {
    get throws {
      switch self {
      case .zamba2: try Self.zamba2()
      case .falconH1: try Self.falconH1()
      case .bamba: try Self.bamba()
      case .granite: try Self.granite()
      case .nemotronH: try Self.nemotronH()
      case .windowed: try Self.windowed()
      }
    }
  }

  /// Inner size 12, 32 channels of the convolution, 48 rows of the input projection.
  public static let mamba2 = Architecture.Mamba2(
    heads: 4, headSize: 3, groups: 2, stateSize: 5, convWidth: 3, biases: [.convolution],
    gatedNorm: .init(order: .afterGate, epsilon: 1e-5), timeStepLimits: .init(lower: 0.01, upper: 0.09))

  private static let attention = Architecture.Attention(
    heads: 4, keyValueHeads: 2, keyHeadSize: 6, valueHeadSize: 6, biases: [])

  private static func model(
    _ layers: [Architecture.Layer], sharedBlock: Architecture.SharedBlock? = nil,
    output: Architecture.Output = .logits,
    _ multipliers: Architecture.Multipliers = .init()
  ) throws -> Architecture {
    try Architecture(
      input: .tokens(vocabularySize: 11), hiddenSize: 8,
      norm: .init(kind: .rmsNorm, epsilon: 1e-5), metaTokens: .none, layers: layers,
      sharedBlock: sharedBlock, output: output, multipliers: multipliers)
  }

  private static func zamba2() throws -> Architecture {
    let mamba = Architecture.Layer(mixer: .mamba(mamba: .mamba2(mamba2)), feedForward: .none)
    let hybrid = Architecture.Layer(mixer: .sharedThenMamba(mamba: .mamba2(mamba2)), feedForward: .none)
    return try model(
      [mamba, hybrid, mamba, hybrid, hybrid],
      sharedBlock: .init(
        attention: .init(
          heads: 4, keyValueHeads: 4, keyHeadSize: 4, valueHeadSize: 4, scale: 0.5, biases: [],
          rotary: .init(base: 10000)),
        feedForward: .geGLU(intermediateSize: 7), count: 2,
        adapters: .init(rank: 2, attention: true)), output: .tiedLogits)
  }

  private static func falconH1() throws -> Architecture {
    var attention = attention
    attention.rotary = .init(base: 1e6)
    attention.keyMultiplier = 0.75
    attention.inputMultiplier = 1.25
    attention.outputMultiplier = 0.9
    let layers = [nil, Architecture.Mamba2.GatedNorm(order: .beforeGate, epsilon: 1e-5)].map { norm in
      var mamba = mamba2
      mamba.gatedNorm = norm
      mamba.biases = [.input, .convolution]
      mamba.timeStepLimits = nil
      mamba.multipliers = .init(
        input: 1.5, z: 0.6, x: 1.4, B: 0.8, C: 1.2, timeStep: 0.7, output: 0.85)
      return Architecture.Layer(
        mixer: .parallel(attention: attention, mamba: .mamba2(mamba), fusion: .sum),
        feedForward: .network(
          network: .init(
            intermediateSize: 7, activation: .silu, isGated: true, gateMultiplier: 0.8,
            outputMultiplier: 1.1)))
    }
    return try model(layers, .init(embedding: 5.5, logits: 0.25))
  }

  private static func bamba() throws -> Architecture {
    var attention = attention
    attention.rotary = .init(base: 10000, size: 4)
    attention.biases = Architecture.Attention.Projection.allCases
    var mamba = mamba2
    mamba.biases = Architecture.Mamba2.Projection.allCases
    mamba.timeStepLimits = .init(lower: 0.02, upper: nil)
    let feedForward = Architecture.FeedForward.network(
      network: .init(intermediateSize: 7, activation: .silu, isGated: true, hasBiases: true))
    return try model([
      .init(mixer: .mamba(mamba: .mamba2(mamba)), feedForward: feedForward),
      .init(mixer: .attention(attention: attention), feedForward: feedForward),
    ])
  }

  private static func granite() throws -> Architecture {
    var attention = attention
    attention.scale = 0.125
    let feedForward = Architecture.FeedForward.mixture(
      mixture: .init(
        count: 5, perToken: 2, expert: .init(intermediateSize: 7, activation: .silu, isGated: true),
        router: .init(normalizes: true),
        shared: .init(intermediateSize: 9, activation: .silu, isGated: true)))
    return try model(
      [
        .init(mixer: .mamba(mamba: .mamba2(mamba2)), feedForward: feedForward),
        .init(mixer: .attention(attention: attention), feedForward: feedForward),
      ], output: .tiedLogits, .init(embedding: 12, residual: 0.22, logitsDivisor: 8))
  }

  private static func nemotronH() throws -> Architecture {
    func network(_ size: Int) -> Architecture.Network {
      .init(intermediateSize: size, activation: .reluSquared, isGated: false)
    }
    return try model([
      .init(mixer: .mamba(mamba: .mamba2(mamba2)), feedForward: .none),
      .init(mixer: nil, feedForward: .reluSquared(intermediateSize: 7)),
      .init(mixer: .attention(attention: attention), feedForward: .none),
      .init(
        mixer: nil,
        feedForward: .mixture(
          mixture: .init(
            count: 6, perToken: 2, expert: network(7),
            router: .init(
              scores: .sigmoid, normalizes: true, hasBias: true, groups: 3, keptGroups: 2,
              scale: 2.5),
            shared: network(9), latentSize: 4))),
    ])
  }

  private static func windowed() throws -> Architecture {
    var attention = attention
    attention.window = 3
    attention.heads = 2
    attention.keyValueHeads = 1
    let mamba = Architecture.Mamba(
      innerSize: 12, stateSize: 5, rank: 2, convWidth: 3, biases: [.convolution, .timeStep],
      decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true, innerNorms: .none)
    return try Architecture(
      input: .tokens(vocabularySize: 11), hiddenSize: 8,
      norm: .init(kind: .layerNorm, epsilon: 1e-5), metaTokens: .prepended(count: 2),
      layers: [
        .init(
          mixer: .parallel(attention: attention, mamba: .mamba2(mamba2), fusion: .meanOfNorms),
          feedForward: .none),
        .init(
          mixer: .parallel(attention: attention, mamba: .mamba2(mamba2), fusion: .gated),
          feedForward: .gelu(intermediateSize: 7)),
        .init(
          mixer: .parallel(attention: attention, mamba: .mamba(mamba), fusion: .sum),
          feedForward: .none),
      ], output: .logits)
  }
}
