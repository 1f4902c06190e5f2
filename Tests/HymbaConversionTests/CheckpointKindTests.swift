import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// Checkpoints of other kinds, told by names together with types.
@Suite("Kinds of checkpoints")
struct CheckpointKindTests {
  private func kind(_ tensors: [(String, ElementType)]) throws -> String? {
    try CheckpointKind.recognise(
      TensorTable(
        tensors.map { try TensorDescriptor(name: $0.0, type: $0.1, dimensions: [2, 2]) })
    )?.description
  }

  @Test(
    "float weights are not quantised, whatever they are called",
    arguments: [
      "enc.0.attn.W_q.weight", "quantizer.codebooks", "norm.weight_scale", "a.qweight", "x.SCB",
      "head.absmax", "l.scales",
    ])
  func floats(_ name: String) throws {
    #expect(try kind([(name, .float32), ("enc.0.attn.weight", .bfloat16)]) == nil)
  }

  @Test(
    "packed weights and scaled ones are quantised, each by its own kind's names",
    arguments: [
      ([("l.qweight", .int32), ("l.scales", .float16)], "GPTQ or AWQ quantised"),
      ([("l.weight", .uint8), ("l.weight.absmax", .float32)], "bitsandbytes quantised"),
      ([("l.weight", .int8), ("l.SCB", .float32)], "bitsandbytes quantised"),
      ([("l.weight.quant_state.bitsandbytes__nf4", .uint8)], "bitsandbytes quantised"),
      ([("l.weight", .float8E4M3), ("l.weight_scale", .float32)], "quantised"),
      ([("l.weight", .float8E4M3), ("l.weight_scale_inv", .float32)], "quantised"),
      ([("l.weight_packed", .int32), ("l.weight_scale", .bfloat16)], "quantised"),
      ([("l.weight", .uint32), ("l.scales", .float16), ("l.biases", .float16)], "quantised"),
      ([("l.codes", .int8), ("l.codebooks", .float16)], "quantised"),
      ([("e.up_blocks", .uint8), ("e.up_scales", .float32)], "quantised"),
      ([("l.W_q", .uint8)], "quantised"),
    ] as [([(String, ElementType)], String)])
  func quantised(_ tensors: [(String, ElementType)], _ kind: String) throws {
    #expect(
      try self.kind([("norm.weight", .float32)] + tensors)
        == "this is a checkpoint with \(kind) weights: convert the original weights instead")
  }

  @Test("one tensor that is called like an adapter's or an optimizer's makes a model neither")
  func oneName() throws {
    let model = (0..<4).map { ("layers.\($0).weight", ElementType.float32) }
    for name in ["prompt_embeddings", "a.lora_A.weight", "exp_avg"] {
      #expect(try kind(model + [(name, .float32)]) == nil)
      #expect(try kind([(name, .float32), ("b", .float32)]) != nil)
    }
    #expect(try kind([]) == nil)
  }
}
