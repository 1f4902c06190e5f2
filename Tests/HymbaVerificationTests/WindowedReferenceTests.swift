import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaVerification
import TestSupport
import Testing

/// The recorded sets have fewer positions than the full pass takes at once.
@Suite("Windowed layers over several blocks of queries, against float64")
struct WindowedReferenceTests {
  private let pass: ForwardPass
  private let expected: SafetensorsSource
  private let input: InputBatch

  init() throws {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("hymba-nvidia-tiny")]), OpeningOptions())
    let (architecture, _) = try model.requireArchitecture(for: "a forward pass")
    let path = Fixture.path("hymba-nvidia-windowed", "expected.safetensors")
    self.pass = ForwardPass(architecture, parameters: model.parameters, jobs: 2)
    self.expected = try SafetensorsSource(path)
    let reference = try Reference(path)
    self.input = try #require(try reference.input(for: architecture))
  }

  private func error(_ got: Tensor, _ name: String) throws -> Float {
    let reference = try Tensor(name, from: expected)
    #expect(got.dimensions == reference.dimensions, "\(name)")
    let largest = reference.values.reduce(0) { max($0, abs($1)) }
    let worst = zip(got.values, reference.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return worst / largest
  }

  @Test("attention with own and with shared keys, and what the layers give in the end")
  func fullPass() throws {
    var compared: [String] = []
    try pass.run(input) { capture, tensor in
      guard expected.tensors[capture.name] != nil else { return }
      compared.append(capture.name)
      let error = try error(tensor, capture.name)
      #expect(error <= 2e-5, "\(capture.name)")
    }
    #expect(compared == ["layers.1.attention", "layers.2.attention", "last_hidden_state"])
  }

  @Test("decoding both sequences step by step, with keys that leave the cache")
  func stepwise() throws {
    let got = try pass.run(.stepwise(input, positions: input.length)).lastHiddenState
    #expect(try error(got, "last_hidden_state") <= 2e-5)
  }
}
