import HymbaFormat
import Testing

@testable import HymbaModel

@Suite("Changed inputs")
struct InputBatchTests {
  @Test("every value from the cut on is another one, a quarter too, and none before it")
  func features() {
    let values: [Float] = [0.25, 1, 0.25, 0, 0.25, -1, 0.5, 1e9]
    let changed = InputBatch.features(Tensor([1, 4, 2], values)).changed(from: 1, vocabularySize: 2)
    #expect(changed == .features(Tensor([1, 4, 2], [0.25, 1, -1, 0.5, -1, 1.5, 0, -1e9])))
  }

  @Test("every token from the cut on is another one, and none before it")
  func tokens() {
    #expect(
      InputBatch.tokens([0, 1, 2, 0], batch: 1).changed(from: 2, vocabularySize: 3)
        == .tokens([0, 1, 0, 1], batch: 1))
  }
}
