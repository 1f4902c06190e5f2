import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Forward passes of GGUF files")
struct GGUFForwardTests {
  /// The files of llama.cpp's converter, and the capture to compare with: what llama.cpp computes with the same
  /// weights in F32, or the original implementation where llama.cpp cannot run the file or runs it wrongly.
  private static let files = [
    ("bamba-tiny/bamba-tiny-bf16", "logits_hf"), ("falcon-h1-tiny/falcon-h1-tiny-f32", "logits"),
    ("falcon-mamba-tiny/falcon-mamba-tiny-f32", "logits_hf"),
    ("granite-hybrid-tiny/granite-hybrid-tiny-q8_0", "logits"), ("jamba-tiny/jamba-tiny-f32", "logits"),
    ("jamba-tiny/jamba-tiny-q8_0", "logits"), ("jamba-wide/jamba-wide-q4_k_m", "logits"),
    ("mamba-tiny/mamba-tiny-f16", "logits"), ("mamba-tiny/mamba-tiny-q4_0", "logits"),
    ("mamba2-tiny/mamba2-tiny-f32", "logits"), ("nemotron-h-dense/nemotron-h-dense-f32", "logits"),
    ("nemotron-h-moe/nemotron-h-moe-q8_0", "logits"), ("nemotron-h-tiny/nemotron-h-tiny-f16", "logits_hf"),
  ]

  private func logits(of path: String, configuration: String? = nil, input: String) throws -> Tensor {
    let model = try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration))
    var verification = ForwardVerification(jobs: 2)
    verification.input = try Reference(input, .input)
    verification.keepsCaptures = true
    let (report, captures) = try verification.run(model)
    #expect(report.passed, "\(report.checks.filter { !$0.passed })")
    return try Tensor("logits", from: #require(captures))
  }

  /// The largest difference of two tensors of logits, as a share of the largest expected one. The vocabulary of the
  /// file may be padded.
  private func difference(_ found: Tensor, from expected: Tensor) -> Float {
    let (width, wanted) = (found.dimensions[2], expected.dimensions[2])
    let largest = expected.values.reduce(0) { max($0, abs($1)) }
    var worst: Float = 0
    for index in expected.values.indices {
      let (row, column) = index.quotientAndRemainder(dividingBy: wanted)
      worst = max(worst, abs(found.values[row * width + column] - expected.values[index]))
    }
    return worst / largest
  }

  @Test("the logits are those of llama.cpp, from the keys and tensors of the file alone", arguments: files)
  func logits(_ file: String, _ capture: String) throws {
    let recorded = Fixture.path("gguf", file + ".expected-llamacpp.safetensors")
    let expected = try Tensor(capture, from: SafetensorsSource(recorded))
    let found = try logits(of: Fixture.path("gguf", file + ".gguf"), input: recorded)
    #expect(difference(found, from: expected) < 2e-5)
  }

  /// With the original's configuration, the weights are divided by its multipliers again.
  @Test(
    "with the original's config.json, the logits are those of the original",
    arguments: [
      ("falcon-h1-tiny", "falcon-h1-tiny-f32"), ("falcon-mamba-tiny", "falcon-mamba-tiny-f32"),
      ("jamba-tiny", "jamba-tiny-f32"),
      ("mamba2-tiny", "mamba2-tiny-f32"), ("nemotron-h-dense", "nemotron-h-dense-f32"),
    ])
  func original(_ set: String, _ stem: String) throws {
    let folder = Fixture.path("gguf", set)
    let recorded = "\(folder)/\(stem).expected-llamacpp.safetensors"
    let expected = try Tensor("logits_original", from: SafetensorsSource(recorded))
    let found = try logits(
      of: "\(folder)/\(stem).gguf", configuration: folder + "/source-config.json", input: recorded)
    #expect(difference(found, from: expected) < 2e-5)
  }

  @Test("a layer that predicts further tokens is no part of the forward pass")
  func furtherLayer() throws {
    let recorded = Fixture.path("gguf", "nemotron-h-mtp/expected.safetensors")
    let expected = try Tensor("logits", from: SafetensorsSource(recorded))
    let found = try logits(of: Fixture.path("gguf", "nemotron-h-mtp/nemotron-h-mtp-f32.gguf"), input: recorded)
    #expect(difference(found, from: expected) < 2e-5)
  }

  @Test("a split set computes what the whole file does")
  func split() throws {
    let recorded = Fixture.path("gguf", "mamba-tiny/mamba-tiny-f16.expected-llamacpp.safetensors")
    let expected = try Tensor("logits", from: SafetensorsSource(recorded))
    let found = try logits(
      of: Fixture.path("gguf", "split/mamba-tiny-f16-00001-of-00003.gguf"), input: recorded)
    #expect(difference(found, from: expected) < 2e-5)
  }
}
