import FoundationEssentials
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Hybrids that cannot be")
struct ImpossibleHybridTests {
  enum Mistake: String, CaseIterable {
    case noBlock, unusedBlock, borrowedKeys, blockOfExperts, blockWithoutFeedForward
    case noExpertChosen, tooManyChosen, tooManyExperts, oddHeads, noHead, infiniteScale
    case wideAttention, manyStates, widerThanAnySize, manyMetaTokens, gatedBySilu

    func apply(to architecture: inout ArchitectureDraft) {
      func mamba(_ change: (inout Architecture.Mamba) -> Void) {
        var mamba = Hybrids.mamba
        change(&mamba)
        architecture.layers[0].mixer = .mamba(mamba: .mamba(mamba))
      }
      func attention(_ change: (inout Architecture.Attention) -> Void) {
        var attention = Hybrids.attention
        change(&attention)
        architecture.layers[0].mixer = .attention(attention: attention)
      }
      func experts(_ count: Int, _ chosen: Int) {
        architecture.layers[0].feedForward = .experts(
          count: count, perToken: chosen, intermediateSize: 4)
      }
      switch self {
      case .noBlock: architecture.sharedBlock = nil
      case .unusedBlock: architecture.layers.removeLast(2)
      case .borrowedKeys: architecture.sharedBlock?.attention.keyValueLayer = 0
      case .blockOfExperts:
        architecture.sharedBlock?.feedForward = .experts(
          count: 2, perToken: 1, intermediateSize: 4)
      case .blockWithoutFeedForward: architecture.sharedBlock?.feedForward = .none
      case .noExpertChosen: experts(4, 0)
      case .tooManyChosen: experts(4, 5)
      case .tooManyExperts: experts(1 << 17, 1)
      case .oddHeads: mamba { $0.heads = 5 }
      case .noHead: mamba { $0.heads = 0 }
      case .infiniteScale: attention { $0.scale = .infinity }
      case .wideAttention: attention { $0.keyHeadSize = 1 << 24 }
      case .manyStates:
        mamba {
          $0.innerSize = 1 << 20
          $0.stateSize = 1 << 20
        }
      case .manyMetaTokens: architecture.metaTokens = .prepended(count: 1 << 24)
      case .gatedBySilu:
        architecture.sharedBlock?.feedForward = .gated(activation: .silu, intermediateSize: 4)
      // A product of these two does not fit in 63 bits.
      case .widerThanAnySize:
        attention {
          $0.heads = 1 << 40
          $0.valueHeadSize = 1 << 40
        }
      }
    }

    var message: String {
      switch self {
      case .noBlock: "sharedBlock is absent; expected a block, as layer 1 uses it"
      case .unusedBlock: "sharedBlock is a block; expected none, as no layer uses it"
      case .borrowedKeys:
        "sharedBlock.attention.keyValueLayer is 0; expected none, as the block is in several layers"
      case .blockOfExperts: "sharedBlock.feedForward is experts; expected one network"
      case .blockWithoutFeedForward: "sharedBlock.feedForward is none; expected one network"
      case .noExpertChosen:
        "layers.0.feedForward.perToken is 0; expected 1 to the 4 experts"
      case .tooManyChosen: "layers.0.feedForward.perToken is 5; expected 1 to the 4 experts"
      case .tooManyExperts:
        "layers.0.feedForward.count is 131072; expected at most 65536 experts in all layers together"
      case .oddHeads: "layers.0.mamba.heads is 5; expected a divisor of innerSize, 12"
      case .noHead: "layers.0.mamba.heads is 0; expected a divisor of innerSize, 12"
      case .infiniteScale: "layers.0.attention.scale is inf; expected a positive number"
      case .wideAttention:
        "layers.0.attention.heads * keyHeadSize is 67108864; expected a whole number from 1 to 16777216"
      case .manyStates:
        "layers.0.mamba.innerSize * (convWidth + stateSize) is 1099515822080; expected at most 67108864"
      case .manyMetaTokens: "metaTokens.count is 16777216; expected a whole number from 1 to 16384"
      case .gatedBySilu:
        "sharedBlock.feedForward is gated; expected swiGLU, which says the same"
      case .widerThanAnySize:
        "layers.0.attention.heads is 1099511627776; expected a whole number from 1 to 16777216"
      }
    }
  }

  @Test("each is refused by name", arguments: Mistake.allCases)
  func refused(_ mistake: Mistake) throws {
    let zamba = try Hybrids.zamba
    #expect {
      try zamba.changed { mistake.apply(to: &$0) }
    } throws: {
      "\($0)" == mistake.message
    }
  }

  @Test("a document of one that cannot be is refused, whoever decodes it")
  func decoded() throws {
    let text = String(decoding: try Hybrids.zamba.json, as: UTF8.self)
    let changed = text.replacing(#""hiddenSize":6"#, with: #""hiddenSize":0"#)
    #expect {
      try JSONDecoder().decode(Architecture.self, from: Data(changed.utf8))
    } throws: {
      "\($0)" == "hiddenSize is 0; expected a whole number from 1 to 16777216"
    }
    #expect(try JSONDecoder().decode(Architecture.self, from: Data(text.utf8)) == Hybrids.zamba)
  }

  @Test("what exceeds 2^50 numbers is refused by the parameter that does, not by a trap")
  func tooLarge() throws {
    let architecture = try Hybrids.zamba.changed {
      $0.hiddenSize = 1 << 24
      $0.layers = Array(repeating: $0.layers[0], count: 4096)
      $0.layers[0].feedForward = .swiGLU(intermediateSize: 1 << 24)
      $0.layers[9].feedForward = .experts(
        count: 60000, perToken: 2, intermediateSize: 1 << 24)
      $0.sharedBlock = nil
    }
    #expect { try ParameterInventory(architecture) } throws: {
      "\($0)"
        == "the shape [16777216, 16777216] of the parameter “layers.9.ffn.experts.0.up_proj.weight” brings the model beyond 1125899906842624 numbers"
    }
  }

  @Test("the largest architecture that is accepted has sizes that fit in 63 bits")
  func largest() throws {
    let block = Architecture.Attention(
      heads: 1 << 24, keyValueHeads: 1 << 24, keyHeadSize: 1, valueHeadSize: 1, biases: [])
    let architecture = try Hybrids.zamba.changed {
      $0.hiddenSize = 1
      $0.metaTokens = .prepended(count: 1 << 14)
      $0.sharedBlock?.attention = block
      $0.layers = Array(repeating: $0.layers[1], count: 4096)
    }
    let sizes = try ModelSizes(architecture)
    let keyValues = 4096 * (1 << 25) * ((1 << 14) + 8192)
    #expect(sizes.cache.keyValues == keyValues && sizes.work.attention == keyValues)
    #expect(sizes.work.total > 0 && 2 * sizes.cache.keyValues > 0)
  }
}
