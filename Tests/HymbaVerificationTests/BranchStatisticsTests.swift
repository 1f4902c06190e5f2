import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("What layers add to the stream")
struct BranchStatisticsTests {
  @Test("added branches are measured against the stream that they are added to")
  func branches() throws {
    let statistics = BranchStatistics(
      stream: Tensor([1, 2, 2], [2, -2, 2, 2]), attention: Tensor([1, 2, 2], [1, 1, -7, 7]),
      mamba: Tensor([1, 2, 2], [3, 3, -3, 3]))
    // The mean squares are 4, 25 and 9.
    #expect(statistics.streamRMS == 2 && statistics.attentionRMS == 5 && statistics.mambaRMS == 3)
    #expect(statistics.attentionShare == 2.5 && statistics.mambaShare == 1.5)
    let empty = BranchStatistics(
      stream: Tensor([1, 1, 1], [0]), attention: Tensor([1, 1, 1], [1]),
      mamba: Tensor([1, 1, 1], [0]))
    let json = try JSONEncoder().encode(empty)
    let values = try JSONDecoder().decode([String: Double?].self, from: json)
    #expect(values["attentionShare"] == .some(nil) && values["mambaShare"] == .some(nil))
    #expect(values["attentionRMS"] == 1)
  }

  /// A pass over the probe, with random weights, and its captures.
  private func run(_ hybrid: WiderHybrids) throws -> (layers: [LayerReport], tensors: [String: Tensor]) {
    let architecture = try hybrid.architecture
    let run = try ForwardRun(
      ForwardPass(
        architecture, parameters: try RandomCheckpoint(architecture, seed: 4), jobs: 1),
      Probe.input(for: architecture), keep: { _ in true })
    return (run.layers, run.tensors)
  }

  private func rms(_ values: [Double]) -> Double {
    (values.map { $0 * $0 }.reduce(0, +) / Double(values.count)).squareRoot()
  }

  @Test("the report of added branches is that of their captures")
  func added() throws {
    let (layers, tensors) = try run(.falconH1)
    #expect(layers.count == 2)
    for layer in layers {
      let branches = try #require(layer.branches)
      func size(_ name: String) throws -> Double {
        rms(try #require(tensors[name]).values.map(Double.init))
      }
      let stream = try size("hidden_states.\(layer.index)")
      let attention = try size("layers.\(layer.index).attention")
      let mamba = try size("layers.\(layer.index).mamba")
      #expect(abs(branches.streamRMS - stream) < 1e-12 && branches.attentionRMS > 0)
      #expect(abs(branches.attentionShare - attention / stream) < 1e-12)
      #expect(abs(branches.mambaShare - mamba / stream) < 1e-12)
      #expect(layer.mixer == .parallel && layer.residual == nil && layer.fusion == nil)
    }
    #expect(try run(.windowed).layers.map { $0.branches != nil } == [false, false, true])
  }

  @Test("a feed forward alone adds what the stream is more behind it than before it")
  func feedForward() throws {
    let (layers, tensors) = try run(.nemotronH)
    #expect(layers.map(\.mixer) == [.mamba, .none, .attention, .none])
    #expect(layers.map { $0.router != nil } == [false, false, false, true])
    for layer in layers {
      let residual = try #require(layer.residual)
      let before = try #require(tensors["hidden_states.\(layer.index)"]).values
      let after = try #require(tensors["hidden_states.\(layer.index + 1)"]).values
      let added = rms(zip(after, before).map { Double($0) - Double($1) })
      // A mixer's result is captured before it is rounded into the stream.
      #expect(abs(residual.mixerRMS - added) < 1e-6 && residual.mixerRMS > 0)
      #expect(abs(residual.share - added / rms(before.map(Double.init))) < 1e-6)
      #expect(layer.branches == nil && layer.sharedUse == nil && residual.sharedRMS == nil)
    }
  }

  @Test("each use of a shared block names the block and how many uses came before")
  func sharedUses() throws {
    let (layers, tensors) = try run(.zamba2)
    typealias Use = LayerReport.SharedUse
    #expect(
      layers.map(\.sharedUse) == [
        nil, Use(block: 0, use: 0), nil, Use(block: 1, use: 1), Use(block: 0, use: 2),
      ])
    for layer in layers where layer.sharedUse != nil {
      let shared = try #require(tensors["layers.\(layer.index).shared"]).values.map(Double.init)
      let residual = try #require(layer.residual)
      #expect(abs((residual.sharedRMS ?? 0) - rms(shared)) < 1e-12)
      #expect(abs((residual.sharedShare ?? 0) - rms(shared) / residual.streamRMS) < 1e-12)
    }
  }

  /// The report of a recorded set, and the captures that the original gave for it.
  private func recorded(_ set: String) throws -> (layers: [LayerReport], expected: SafetensorsSource) {
    let path = Fixture.path(set, "expected.safetensors")
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(path)
    verification.checks = CheckGroup.quick
    return (try verification.run(model).0.layers, try SafetensorsSource(path))
  }

  @Test(
    "of a recorded set they are those of the captures that the original gave",
    arguments: [
      "falcon-h1-tiny", "falcon-h1-options", "zamba2-tiny", "bamba-tiny", "granite-hybrid-tiny",
      "nemotron-h-tiny",
    ])
  func originals(_ set: String) throws {
    let (layers, expected) = try recorded(set)
    func values(_ name: String) throws -> [Double]? {
      try expected.tensors[name] == nil
        ? nil : Tensor(name, from: expected).values.map(Double.init)
    }
    var compared = 0
    for layer in layers {
      func size(_ name: String) throws -> Double? { try values("layers.\(layer.index).\(name)").map(rms) }
      let before = try values("hidden_states.\(layer.index)")
      let after = try values("hidden_states.\(layer.index + 1)")
      var pairs: [(got: Double?, expected: Double?)] = [
        (layer.branches?.streamRMS ?? layer.residual?.streamRMS, before.map(rms)),
        (layer.branches?.attentionRMS, try size("attention")),
        (layer.branches?.mambaRMS, try size("mamba")),
        (layer.residual?.sharedRMS, try size("shared")),
      ]
      if let residual = layer.residual {
        let alone = before.flatMap { before in after.map { rms(zip($0, before).map(-)) } }
        let mixed = try size("attention") ?? size("mamba")
        pairs.append((residual.mixerRMS, layer.mixer == .none ? alone : mixed))
      }
      for case (let got?, let expected?) in pairs {
        #expect(abs(got - expected) < 1e-5 * expected, "\(layer.index)")
        compared += 1
      }
    }
    #expect(compared >= 2 * layers.count, "\(compared) numbers of \(layers.count) layers")
  }

  @Test("the entropy of sigmoids is that of their shares, and the load that of the biased choice")
  func sigmoidRouter() throws {
    // Shares 0.4, 0.1, 0.1, 0.4, then 0.25 each.
    let probabilities = Tensor([1, 2, 4], [0.8, 0.2, 0.2, 0.8, 0.5, 0.5, 0.5, 0.5])
    let router = Architecture.Router(scores: .sigmoid, normalizes: true, hasBias: true)
    let statistics = RouterStatistics(
      probabilities, ExpertChooser(perToken: 2, router, bias: [0, 0, 1, 0.1]))
    // -(0.8 ln 0.4 + 0.2 ln 0.1) and ln 4.
    let entropies = [1.193_549_604_098_133_3, 1.386_294_361_119_890_6]
    #expect(abs(statistics.entropy - (entropies[0] + entropies[1]) / 2) < 1e-7)
    // Experts 2 and 3, twice: the highest score without the bias would be expert 0's.
    #expect(statistics.load == [0, 0, 0.5, 0.5] && statistics.nearTies == 0)
    #expect(statistics.scores == .sigmoid && statistics.hasBias)
    let json = String(decoding: try JSONEncoder().encode(statistics), as: UTF8.self)
    #expect(json.contains(#""scores":"sigmoid""#) && json.contains(#""hasBias":true"#))
    // Without the bias the second position ties, and the lower indices are chosen.
    let plain = RouterStatistics(probabilities, ExpertChooser(perToken: 2, .init(scores: .sigmoid)))
    #expect(plain.load == [0.5, 0.25, 0, 0.25] && plain.nearTies == 1)
    #expect(plain.entropy == statistics.entropy && !plain.hasBias)
  }

  @Test("a near-tie of groups is a near-tie")
  func groups() {
    let statistics = RouterStatistics(
      Tensor([1, 1, 4], [0.5, 0.25, 0.625, 0.125]),
      ExpertChooser(perToken: 1, .init(scores: .sigmoid, groups: 2, keptGroups: 1)))
    #expect(statistics.load == [1, 0, 0, 0] && statistics.nearTies == 1)
  }
}
