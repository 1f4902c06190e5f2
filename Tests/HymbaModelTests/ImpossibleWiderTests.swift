import TestSupport
import Testing

@testable import HymbaModel

@Suite("Hybrids with Mamba-2 that cannot be")
struct ImpossibleWiderTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let message: String
    let change: @Sendable (inout ArchitectureDraft) -> Void
    var testDescription: String { message }

    init(_ message: String, _ change: @escaping @Sendable (inout ArchitectureDraft) -> Void) {
      self.message = message
      self.change = change
    }

    /// A mistake in the Mamba-2 of the first layer.
    static func mamba(
      _ message: String, _ change: @escaping @Sendable (inout Architecture.Mamba2) -> Void
    ) -> Mistake {
      Mistake("layers.0.mamba." + message) { draft in
        var mamba = WiderHybrids.mamba2
        change(&mamba)
        draft.layers[0].mixer = .mamba(mamba: .mamba2(mamba))
      }
    }

    /// A mistake in an attention of the first layer.
    static func attention(
      _ message: String, _ change: @escaping @Sendable (inout Architecture.Attention) -> Void
    ) -> Mistake {
      Mistake("layers.0.attention." + message) { draft in
        var attention = Hybrids.attention
        attention.keyHeadSize = 6
        change(&attention)
        draft.layers[0].mixer = .attention(attention: attention)
      }
    }

    /// A mistake in a mixture of the first layer: six experts, of which two, in three groups.
    static func mixture(
      _ message: String, _ change: @escaping @Sendable (inout Architecture.Mixture) -> Void
    ) -> Mistake {
      Mistake("layers.0.feedForward" + message) { draft in
        var mixture = Architecture.Mixture(
          count: 6, perToken: 2,
          expert: .init(intermediateSize: 4, activation: .silu, isGated: true),
          router: .init(groups: 3, keptGroups: 2))
        change(&mixture)
        draft.layers[0].feedForward = .mixture(mixture: mixture)
      }
    }

    static func network(_ message: String, _ network: Architecture.Network) -> Mistake {
      Mistake("layers.0.feedForward" + message) {
        $0.layers[0].feedForward = .network(network: network)
      }
    }
  }

  private static let anySize = "expected a whole number from 1 to 16777216"

  static let mistakes: [Mistake] = [
    .mamba("heads is 0; \(anySize)") { $0.heads = 0 },
    .mamba("headSize is 0; \(anySize)") { $0.headSize = 0 },
    .mamba("heads * headSize is 67108864; \(anySize)") {
      $0.heads = 1 << 13
      $0.headSize = 1 << 13
    },
    .mamba("groups is 3; expected a divisor of the 4 heads") { $0.groups = 3 },
    .mamba("groups is 0; expected a divisor of the 4 heads") { $0.groups = 0 },
    .mamba("groups * stateSize is 33554432; \(anySize)") { $0.stateSize = 1 << 24 },
    .mamba("heads * headSize + 2 * groups * stateSize is 16777228; \(anySize)") {
      $0.stateSize = 1 << 22
    },
    .mamba(
      "heads * headSize * stateSize is 100663296; expected at most 67108864 values of state"
    ) {
      $0.headSize = 1 << 13
      $0.stateSize = 3 << 10
    },
    .mamba("convWidth is 0; \(anySize)") { $0.convWidth = 0 },
    .mamba("gatedNorm.epsilon is -1.0; expected a number from 0 on") {
      $0.gatedNorm = .init(order: .afterGate, epsilon: -1)
    },
    .mamba("timeStepLimits is 0.1 to 0.01; expected an interval of numbers from 0 on") {
      $0.timeStepLimits = .init(lower: 0.1, upper: 0.01)
    },
    .mamba("timeStepLimits is inf to no bound; expected an interval of numbers from 0 on") {
      $0.timeStepLimits = .init(lower: .infinity, upper: nil)
    },
    .mamba("multipliers is none; expected no object where all are 1") { $0.multipliers = .init() },
    .mamba("multipliers.z is 1e+39; expected a finite number") { $0.multipliers = .init(z: 1e39) },
    .attention("keyMultiplier is inf; expected a finite number") { $0.keyMultiplier = .infinity },
    .attention("rotary.size is 3; expected an even number below keyHeadSize, 6") {
      $0.rotary = .init(base: 10000, size: 3)
    },
    .attention("rotary.size is 6; expected an even number below keyHeadSize, 6") {
      $0.rotary = .init(base: 10000, size: 6)
    },
    Mistake(
      "layers.1.attention.keyMultiplier is a factor; expected none, as the layer computes no keys"
    ) { draft in
      var attention = Hybrids.attention
      draft.layers[0].mixer = .attention(attention: attention)
      attention.keyValueLayer = 0
      attention.keyMultiplier = 2
      draft.layers[1].mixer = .attention(attention: attention)
    },
    Mistake("layers.0 is no mixer and no feed forward; expected at least one of them") {
      $0.layers[0].mixer = nil
    },
    Mistake(
      "layers.0.mamba.innerSize is 12; expected the 20 that the attention heads give together"
    ) {
      $0.layers[0].mixer = .parallel(
        attention: Hybrids.attention, mamba: .mamba2(WiderHybrids.mamba2), fusion: .meanOfNorms)
    },
    .network(
      ".gateMultiplier is 0.5; expected none, as there is no gate",
      .init(intermediateSize: 4, activation: .relu, isGated: false, gateMultiplier: 0.5)),
    .network(
      ".outputMultiplier is nan; expected a finite number",
      .init(intermediateSize: 4, activation: .relu, isGated: false, outputMultiplier: .nan)),
    .network(
      " is network; expected swiGLU, which says the same",
      .init(intermediateSize: 4, activation: .silu, isGated: true)),
    .network(
      " is network; expected gelu, which says the same",
      .init(intermediateSize: 4, activation: .gelu, isGated: false, hasBiases: true)),
    .network(
      " is network; expected reluSquared, which says the same",
      .init(intermediateSize: 4, activation: .reluSquared, isGated: false)),
    .mixture(" is mixture; expected experts, which says the same") { $0.router = .init() },
    .mixture(".expert.intermediateSize is 0; \(anySize)") { $0.expert.intermediateSize = 0 },
    .mixture(".shared.intermediateSize is 0; \(anySize)") {
      $0.shared = .init(intermediateSize: 0, activation: .silu, isGated: true)
    },
    .mixture(".latentSize is 0; \(anySize)") { $0.latentSize = 0 },
    .mixture(".router.groups is 4; expected a divisor of the 6 experts") { $0.router.groups = 4 },
    .mixture(".router.groups is 0; expected a divisor of the 6 experts") { $0.router.groups = 0 },
    .mixture(".router.keptGroups is 4; expected 1 to the 3 groups") { $0.router.keptGroups = 4 },
    .mixture(".perToken is 5; expected at most the 4 experts of the groups that are kept") {
      $0.perToken = 5
    },
    .mixture(".perToken is 7; expected 1 to the 6 experts") { $0.perToken = 7 },
    .mixture(".router.scale is inf; expected a finite number") { $0.router.scale = .infinity },
    Mistake("sharedBlock.count is 4; expected 1 to the 3 layers that use a block") {
      $0.sharedBlock?.count = 4
    },
    Mistake("sharedBlock.count is 0; expected 1 to the 3 layers that use a block") {
      $0.sharedBlock?.count = 0
    },
    Mistake("sharedBlock.adapters.rank is 0; \(anySize)") { $0.sharedBlock?.adapters?.rank = 0 },
    Mistake("sharedBlock.adapters is adapters; expected none, as the network has no gate") {
      $0.sharedBlock?.feedForward = .gelu(intermediateSize: 4)
    },
    Mistake("multipliers.residual is inf; expected a finite number") {
      $0.multipliers.residual = .infinity
    },
    Mistake("multipliers.logitsDivisor is 0; expected another number") {
      $0.multipliers.logitsDivisor = 0
    },
    Mistake("multipliers.logits is a factor; expected none, as there are no logits") {
      $0.output = .hiddenStates
      $0.multipliers.logitsDivisor = 2
    },
    Mistake("multipliers.embedding is a factor; expected none, as there are no tokens") {
      $0.input = .features(size: 4)
      $0.output = .hiddenStates
      $0.multipliers.embedding = 2
    },
  ]

  @Test("each is refused by name", arguments: mistakes)
  func refused(_ mistake: Mistake) throws {
    let architecture = try WiderHybrids.zamba2.architecture
    #expect {
      try architecture.changed { mistake.change(&$0) }
    } throws: {
      "\($0)" == mistake.message
    }
  }
}
