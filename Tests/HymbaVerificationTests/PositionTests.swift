import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Statistics by position")
struct PositionTests {
  private struct Recorded: Decodable {
    let quantiles: [Double]?
    let positions: [Double]
  }

  private func report(_ set: String) throws -> VerificationReport {
    let configuration: String? =
      set.hasPrefix("edifice") ? "build_opts.json" : set.hasPrefix("gated") ? "architecture.json" : nil
    let model = try OpenedModel.open(
      ModelInput(paths: [
        configuration == nil ? Fixture.folder(set) : Fixture.path(set, "model.safetensors")
      ]), OpeningOptions(configuration: configuration.map { Fixture.path(set, $0) }))
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(Fixture.path(set, "expected.safetensors"))
    verification.checks = CheckGroup.quick
    return try verification.run(model).0
  }

  @Test(
    "quantiles and means by position are those of the recorded captures",
    arguments: [
      "edifice-hymba-tiny", "edifice-hymba-small", "edifice-hymba-same-dim", "gated-prepended-tiny",
      "hymba-nvidia-tiny", "hymba-nvidia-options-b",
    ])
  func recorded(_ set: String) throws {
    let all = try JSONDecoder().decode(
      [String: Recorded].self,
      from: Data(InputFile.contents(of: Fixture.path("positions", "expected.json"), limit: 1 << 20)))
    let layers = try report(set).layers
    #expect(layers.count > 1)
    for layer in layers {
      let expected = try #require(all["\(set).\(layer.index)"])
      let positions = layer.gate?.positions ?? layer.fusion?.positions ?? []
      #expect(positions.count == expected.positions.count && positions.count == layer.outputShape[1])
      let pairs =
        zip(positions, expected.positions).map { ($0, $1) }
        + zip(layer.gate?.quantiles ?? [], expected.quantiles ?? []).map { ($0, $1) }
      #expect(pairs.count == positions.count + (layer.gate == nil ? 0 : 5))
      for (got, expected) in pairs { #expect(abs(got - expected) < 1e-5) }
    }
  }

  @Test(
    "each layer has the size of the stream behind it",
    arguments: ["edifice-hymba-tiny", "jamba-tiny", "zamba-tiny", "falcon-h1-tiny", "nemotron-h-tiny", "mamba2-tiny"])
  func stream(_ set: String) throws {
    let recorded = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    for layer in try report(set).layers {
      let name = "hidden_states.\(layer.index + 1)"
      guard recorded.tensors[name] != nil else { continue }
      let values = try Tensor(name, from: recorded).values.map(Double.init)
      let expected = (values.map { $0 * $0 }.reduce(0, +) / Double(values.count)).squareRoot()
      #expect(abs(layer.streamRMS - expected) < 1e-5 * expected)
    }
  }

  @Test("quantiles lie between neighbours in proportion, and there are none of what is no number")
  func quantiles() throws {
    #expect([3, 1, 2].quantiles([0, 0.25, 0.5, 1]) == [1, 1.5, 2, 3])
    #expect([7].quantiles([0.05, 0.95]) == [7, 7])
    #expect([0, .infinity, .infinity].quantiles([1]) == [.infinity])
    #expect([Float]().quantiles([0.5])[0].isNaN)
    let gate = GateStatistics(Tensor([1, 2, 2], [0.5, 0.5, .nan, 1]))
    #expect(gate.quantiles.allSatisfy { $0.isNaN } && gate.positions[0] == 0.5 && gate.positions[1].isNaN)
    let json = String(decoding: try JSONEncoder().encode(gate), as: UTF8.self)
    #expect(json.contains(#""positions":[0.5,null]"#))
    #expect(json.contains(#""quantiles":[null,null,null,null,null]"#))
  }

  @Test("a stream that is no number is null in JSON")
  func streamIsNull() throws {
    let report = LayerReport(index: 0, outputShape: [], mixer: .mamba, streamRMS: .nan)
    let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    #expect(json.contains(#""streamRMS":null"#))
  }
}
