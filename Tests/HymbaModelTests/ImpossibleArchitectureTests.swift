import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Architectures that cannot be")
struct ImpossibleArchitectureTests {
  private func hybrid(_ change: (inout ArchitectureDraft) -> Void) throws -> String {
    let architecture = try Architecture.hymba(embedDim: 8, hiddenSize: 8, numHeads: 2)
    do {
      _ = try architecture.changed { draft in
        draft.metaTokens = .none
        change(&draft)
      }
      return "valid"
    } catch { return "\(error)" }
  }

  private func changing(
    _ architecture: inout ArchitectureDraft, layer: Int, _ change: (inout Architecture.Attention) -> Void
  ) {
    guard case .parallel(var attention, let mamba, let fusion) = architecture.layers[layer].mixer
    else { return }
    change(&attention)
    architecture.layers[layer].mixer = .parallel(attention: attention, mamba: mamba, fusion: fusion)
  }

  @Test("keys are shared with an earlier layer that has its own")
  func sharing() throws {
    #expect(try hybrid { changing(&$0, layer: 2) { $0.keyValueLayer = 1 } } == "valid")
    let message =
      "layers.1.attention.keyValueLayer is 2; expected an earlier layer with keys and values of its own, of the same shape"
    #expect(try hybrid { changing(&$0, layer: 1) { $0.keyValueLayer = 2 } } == message)
    #expect(
      try hybrid {
        changing(&$0, layer: 1) { $0.keyValueLayer = 0 }
        changing(&$0, layer: 2) { $0.keyValueLayer = 1 }
      }.hasPrefix("layers.2.attention.keyValueLayer is 1"))
  }

  @Test("mean-of-norms fusion needs branches of one width, rotary positions an even head")
  func widths() throws {
    #expect(
      try hybrid { architecture in
        guard case .parallel(let attention, let mamba, _) = architecture.layers[0].mixer else {
          return
        }
        architecture.layers[0].mixer = .parallel(
          attention: attention, mamba: mamba, fusion: .meanOfNorms)
      } == "layers.0.mamba.innerSize is 16; expected the 8 that the attention heads give together")
    #expect(
      try hybrid {
        changing(&$0, layer: 0) {
          $0.keyHeadSize = 3; $0.rotary = .init(base: 10000)
        }
      } == "layers.0.attention.keyHeadSize is 3; expected an even number, for rotary positions")
    #expect(
      try hybrid {
        changing(&$0, layer: 0) {
          $0.keyHeadSize = 2; $0.rotary = .init(base: 10000, dynamicFrom: 8)
        }
      }
        == "layers.0.attention.keyHeadSize is 2; expected an even number from 4 on, for rotary positions"
    )
    #expect(
      try hybrid {
        changing(&$0, layer: 0) {
          $0.keyHeadSize = 2; $0.rotary = .init(base: 10000)
        }
      } == "valid")
    #expect(
      try hybrid { $0.output = .logits }.hasPrefix("output is logits; expected lastHiddenState"))
  }
}
