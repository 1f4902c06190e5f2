import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Numbers of large tensors")
struct NumberCheckTests {
  @Test(
    "a tensor of more than one window is looked at to its end",
    arguments: [
      (nil, "all finite; all values equal in embed_tokens.weight (1.0)"),
      (0x3F81, "all finite"), (0x7FC0, "NaN or infinite values in embed_tokens.weight"),
    ] as [(UInt16?, String)])
  func windows(_ last: UInt16?, _ detail: String) throws {
    let rows = 200_000
    let architecture = Architecture(
      input: .tokens(vocabularySize: rows), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 1, keyValueHeads: 1, keyHeadSize: 3, valueHeadSize: 3, biases: [])),
          feedForward: .none)
      ], output: .tiedLogits)
    var bytes = [UInt8](repeating: 0x80, count: rows * 6 * 2)
    for index in stride(from: 1, to: bytes.count, by: 2) { bytes[index] = 0x3F }
    if let last {
      bytes[bytes.count - 2] = UInt8(last & 0xFF)
      bytes[bytes.count - 1] = UInt8(last >> 8)
    }
    let source = try MemorySource([.init("embed_tokens.weight", .bfloat16, [rows, 6], bytes)])
    var done = 0
    let check = try NumberCheck(
      source, inventory: ParameterInventory(architecture), jobs: 2, progress: { done += $0 }
    ).check
    #expect(check.detail == detail && done == bytes.count)
  }
}
