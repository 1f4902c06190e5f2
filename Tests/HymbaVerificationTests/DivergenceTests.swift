import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

/// What is reported of checkpoints that are not right.
@Suite("Wrong checkpoints")
struct DivergenceTests {
  private let set = "edifice-hymba-tiny"

  /// The tiny set with some tensors changed, verified.
  private func verify(
    changing changes: [String: ([UInt8]) -> [UInt8]] = [:], configuration: String? = nil,
    expecting expected: Bool = true
  ) throws -> VerificationReport {
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    var changed: [String: [UInt8]] = [:]
    for (name, change) in changes {
      changed[name] = change(try source.bytes(of: #require(source.tensors[name])))
    }
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: changed), to: path, replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [path]),
      OpeningOptions(configuration: configuration ?? Fixture.path(set, "build_opts.json")))
    var verification = ForwardVerification(jobs: 1)
    if expected { verification.expected = try Reference(Fixture.path(set, "expected.safetensors")) }
    return try verification.run(model).0
  }

  @Test(
    "the first capture that diverges is named, in order of computation",
    arguments: [
      ("hymba_block_2_mamba_conv.kernel", "layers.1.mamba"),
      ("hymba_block_1_attn_v.bias", "layers.0.attention"),
      ("hymba_block_2_fusion_gate_proj.bias", "layers.1.gate"),
      ("hymba_block_2_ffn_up.kernel", "hidden_states.2"),
      ("hymba_block_1_ffn_norm.beta", "hidden_states.1"), ("final_norm.beta", "output"),
    ])
  func firstDivergence(_ tensor: String, _ capture: String) throws {
    // Reversing the elements keeps every statistic of the tensor itself.
    let report = try verify(changing: [
      tensor: { bytes in
        stride(from: bytes.count - 4, through: 0, by: -4).reduce(into: []) {
          $0 += bytes[$1..<$1 + 4]
        }
      }
    ])
    #expect(!report.passed && report.firstDivergence == capture)
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }

  @Test(
    "a swapped pair of tensors of one shape is caught, and the layer is named",
    arguments: [
      (
        "1.mamba.pre_avg_layernorm1.weight", "1.mamba.pre_avg_layernorm2.weight",
        "layers.1.attention_normed"
      ),
      ("1.moe.experts.0.up_proj.weight", "1.moe.experts.0.gate_proj.weight", "hidden_states.2"),
      ("2.mamba.x_proj.0.weight", "3.mamba.x_proj.0.weight", "layers.2.mamba"),
    ])
  func swapped(_ first: String, _ second: String, _ capture: String) throws {
    let set = "hymba-nvidia-tiny"
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    func bytes(_ name: String) throws -> [UInt8] {
      try source.bytes(of: #require(source.tensors["model.layers." + name]))
    }
    try SafetensorsWriter.write(
      MemorySource(
        copying: source,
        changing: [
          "model.layers." + first: bytes(second), "model.layers." + second: bytes(first),
        ]), to: folder.file("model.safetensors"), replace: false)
    try folder.write(
      InputFile.contents(of: Fixture.path(set, "config.json"), limit: 1 << 20), to: "config.json")
    let model = try OpenedModel.open(ModelInput(paths: [folder.path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(Fixture.path(set, "expected.safetensors"))
    let report = try verification.run(model).0
    #expect(!report.passed && report.firstDivergence == capture)
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }

  @Test("a window that is off by one shows in the first layer that has one", arguments: [-1, 1])
  func window(_ shift: Int) throws {
    let set = "hymba-nvidia-tiny"
    let changed = try ChangedCheckpoint(
      set,
      configuration: {
        $0.replacing("\"sliding_window\": 6", with: "\"sliding_window\": \(6 + shift)")
      })
    let model = try OpenedModel.open(ModelInput(paths: [changed.path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(Fixture.folder(set))
    let report = try verification.run(model).0
    #expect(report.firstDivergence == "layers.1.attention")
    #expect(report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
  }

  @Test("the wrong number of heads shows in the first attention branch and nowhere before")
  func wrongHeads() throws {
    let folder = try TemporaryFolder()
    let configuration = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3,"num_heads":4}"#,
      to: "b.json")
    let report = try verify(configuration: configuration)
    #expect(report.firstDivergence == "layers.0.attention")
    #expect(report.comparison.first { $0.capture == "layers.0.mamba" }?.passed == true)
  }

  @Test(
    "NaN and infinity are found and named, and no number becomes invalid JSON",
    arguments: [0x7FC0, 0x7F80])
  func notFinite(_ upper: Int) throws {
    let report = try verify(changing: [
      "hymba_block_1_attn_q.bias": {
        [0, 0, UInt8(upper & 0xFF), UInt8(upper >> 8)] + $0.dropFirst(4)
      }
    ])
    let numbers = try #require(report.checks.first { $0.name == "numbers" })
    #expect(!numbers.passed && !report.passed)
    #expect(numbers.detail == "NaN or infinite values in layers.0.attention.q_proj.bias")
    #expect(
      report.checks.filter { $0.outcome == .failed }.map(\.name) == ["numbers"],
      "one broken weight is one failure")
    #expect(
      report.checks.filter { $0.outcome == .notJudged }.map(\.name) == [
        "outputs", "gates", "causality", "batch independence", "decoding", "reference",
      ])
    #expect(
      report.checks.first { $0.name == "outputs" }?.detail
        == "NaN or infinite values, first in order of computation in layers.0.attention, as the weights hold such values"
    )
    #expect(report.firstDivergence == "layers.0.attention")
  }

  @Test("NaN in the reference is said to be there, and is not the model's")
  func brokenReference() throws {
    let folder = try TemporaryFolder()
    let recorded = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    let name = "layers.1.gate"
    let bytes = try recorded.bytes(of: #require(recorded.tensors[name]))
    try SafetensorsWriter.write(
      MemorySource(copying: recorded, changing: [name: [0, 0, 0xC0, 0x7F] + bytes.dropFirst(4)]),
      to: folder.file("e.safetensors"), replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path(set, "model.safetensors")]),
      OpeningOptions(configuration: Fixture.path(set, "build_opts.json")))
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(folder.file("e.safetensors"))
    let report = try verification.run(model).0
    #expect(!report.passed && report.checks.filter { !$0.passed }.map(\.name) == ["reference"])
    #expect(
      report.checks.last?.detail
        == "1 of 9 captures differ; the first in order of computation is layers.1.gate: the reference itself holds 1 NaN and 0 infinite of \(bytes.count / 4) values"
    )
    #expect(report.comparison.first { $0.capture == name }?.failed == .reference)
  }

  @Test(
    "a name that is nearly a capture's is suggested to be that",
    arguments: [
      ("layers.0.atention", "layers.0.attention"), ("hidden_state.1", "hidden_states.1"),
      ("layers.1.mamba_", "layers.1.mamba"), ("Output", "output"), ("something", nil),
      ("layers.0.mlp.down_proj", nil),
    ] as [(String, String?)])
  func suggestion(_ name: String, _ capture: String?) throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(
      MemorySource([
        .init(name, .float32, [1], [0, 0, 0, 0]),
        .init("hidden_states.2", .float32, [2, 16, 8], [UInt8](repeating: 0, count: 4 * 2 * 16 * 8)),
      ]), to: folder.file("e.safetensors"), replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path(set, "model.safetensors")]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(folder.file("e.safetensors"))
    let report = try verification.run(model).0
    #expect(report.notCompared == [name] && report.suggestions[name] == capture)
  }

  @Test("a constant tensor is mentioned, not condemned: biases may be zero")
  func constant() throws {
    let report = try verify(
      changing: ["hymba_block_1_attn_q.bias": { [UInt8](repeating: 0, count: $0.count) }],
      expecting: false)
    #expect(report.passed)
    #expect(
      report.checks.first { $0.name == "numbers" }?.detail.contains(
        "all values equal in layers.0.attention.q_proj.bias (0.0)") == true)
  }

  @Test("without an input the probe is used, the same numbers for everybody")
  func probe() throws {
    let report = try verify(expecting: false)
    #expect(report.input == InputDescription(origin: "probe", shape: [2, 16, 12]))
    // SplitMix64 of seed 1: 0x910a2dec89025cc1, 0xbeeb8da1658eec67; upper 24 bits scaled to [-1, 1).
    let architecture = try Architecture.hymba(embedDim: 12)
    guard case .features(let tensor) = Probe.input(for: architecture) else { return }
    let values = tensor.values
    #expect(values[0] == Float(0x910A2D) / Float(1 << 23) - 1)
    #expect(values[1] == Float(0xBEEB8D) / Float(1 << 23) - 1)
  }

  @Test("a reference whose captures are all those of other models is refused before the run")
  func nothingCompared() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("e.safetensors")
    try SafetensorsWriter.write(
      MemorySource([.init("logits", .float32, [1], [0, 0, 0, 0])]), to: path, replace: false)
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.path(set, "model.safetensors")]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.expected = try Reference(path)
    var stages: [String] = []
    let error = #expect(throws: FileDiagnosis.self) {
      try verification.run(model, progress: { stage, _, _ in stages.append(stage) })
    }
    #expect(error?.cause as? VerificationError == .otherCaptures("logits"))
    #expect(stages == [])
  }
}
