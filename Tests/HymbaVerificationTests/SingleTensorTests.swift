import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("A single wrong tensor")
struct SingleTensorTests {
  /// Names of the tensors of a recorded set that may be larger by one percent, one at a time, unseen.
  private func unseen(_ path: String, _ set: String) throws -> [String] {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    let (architecture, _) = try model.requireArchitecture(for: "a test")
    let reference = try Reference(Fixture.path(set, "expected.safetensors"))
    let input = try #require(try reference.input(for: architecture))
    func agrees(_ parameters: any CheckpointSource) throws -> Bool {
      let run = try ForwardRun(
        ForwardPass(architecture, parameters: parameters, jobs: 1), input, keep: reference.expects)
      return try ReferenceJudgement(
        reference, run, layers: architecture.layers.count, tolerance: Tolerance(), isProbe: false,
        cause: nil
      ).check.passed
    }
    let right = try MemorySource(copying: model.parameters)
    try #require(try agrees(right))
    return try right.tensors.filter { tensor in
      let scaled = try Tensor(tensor.name, from: right).values.map { $0 * 1.01 }
      return try agrees(
        MemorySource(copying: right, changing: [tensor.name: scaled.littleEndianBytes]))
    }.map(\.name)
  }

  @Test("of a gated hybrid, each tensor that is off by one percent is found")
  func gated() throws {
    let set = "edifice-hymba-tiny"
    #expect(try unseen(Fixture.path(set, "model.nx"), set) == [])
  }

  @Test("of a hybrid with norms within Mamba as well, but for what these norms take the scale of")
  func normed() throws {
    let set = "hymba-nvidia-tiny"
    #expect(
      try unseen(Fixture.folder(set), set).sorted()
        == (0..<4).map { "layers.\($0).mamba.x_proj.weight" })
  }
}
