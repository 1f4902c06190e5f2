import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Decoding against what the original frameworks recorded")
struct StepDecoderTests {
  private struct Recorded {
    let pass: ForwardPass
    let input: InputBatch
    /// [batch, positions, width]
    let expected: Tensor
  }

  private func recorded(_ set: String, _ capture: String, jobs: Int) throws -> Recorded {
    let sharded = Fixture.path(set, "model.safetensors.index.json")
    let model = try OpenedModel.open(
      ModelInput(paths: [
        FileSystem.exists(sharded) ? sharded : Fixture.path(set, "model.safetensors")
      ]), OpeningOptions())
    let (architecture, _) = try model.requireArchitecture(for: "decoding")
    let expected = Fixture.path(set, "expected.safetensors")
    return Recorded(
      pass: ForwardPass(architecture, parameters: model.parameters, jobs: jobs),
      input: try #require(try Reference(expected).input(for: architecture)),
      expected: try Tensor(capture, from: SafetensorsSource(expected)))
  }

  /// Largest difference over largest expected magnitude, of one position of every sequence.
  private func error(_ got: Tensor, _ expected: Tensor, position: Int) -> Double {
    let (length, width) = (expected.dimensions[1], expected.dimensions[2])
    let largest = expected.values.reduce(0) { max($0, abs($1)) }
    var worst: Float = 0
    for sequence in 0..<got.dimensions[0] {
      for index in 0..<width {
        let value = expected.values[(sequence * length + position) * width + index]
        worst = max(worst, abs(got.values[sequence * width + index] - value))
      }
    }
    return Double(worst / largest)
  }

  @Test(
    "token by token, from the meta tokens' state, gives the recorded logits",
    arguments: [
      "hymba-nvidia-tiny", "hymba-nvidia-small-sharded", "hymba-nvidia-options-a",
      "hymba-nvidia-options-b", "hymba-nvidia-options-c", "hymba-nvidia-options-d", "jamba-tiny",
      "zamba-tiny",
    ])
  func logits(set: String) throws {
    let recorded = try recorded(set, "logits", jobs: 2)
    let decoder = try StepDecoder(recorded.pass, capacity: recorded.input.length)
    var state = decoder.start(batch: recorded.input.batch)
    for position in 0..<recorded.input.length {
      let logits = try decoder.step(recorded.input.position(position), &state)
      #expect(error(logits, recorded.expected, position: position) < 2e-5, "position \(position)")
    }
  }

  @Test("vectors instead of tokens, learned keys and values: the recorded output")
  func features() throws {
    let recorded = try recorded("edifice-hymba-small", "output", jobs: 1)
    let decoder = try StepDecoder(recorded.pass, capacity: recorded.input.length)
    var state = decoder.start(batch: recorded.input.batch)
    var last = Tensor([0], [])
    for position in 0..<recorded.input.length {
      last = try decoder.step(recorded.input.position(position), &state)
    }
    let (batch, hidden) = (recorded.expected.dimensions[0], recorded.expected.dimensions[1])
    let expected = Tensor([batch, 1, hidden], recorded.expected.values)
    #expect(error(last, expected, position: 0) < 2e-5)
  }

  @Test("a copy of a state goes on by itself")
  func copies() throws {
    let recorded = try recorded("hymba-nvidia-tiny", "logits", jobs: 2)
    let decoder = try StepDecoder(recorded.pass, capacity: recorded.input.length)
    var state = decoder.start(batch: recorded.input.batch)
    _ = try decoder.step(recorded.input.position(0), &state)
    var other = state
    for _ in 0..<3 { _ = try decoder.step(recorded.input.position(5), &other) }
    let logits = try decoder.step(recorded.input.position(1), &state)
    #expect(error(logits, recorded.expected, position: 1) < 2e-5)
  }

  @Test("more positions than the decoder was made for, or other sequences, are refused")
  func refusals() throws {
    let recorded = try recorded("hymba-nvidia-tiny", "logits", jobs: 1)
    let decoder = try StepDecoder(recorded.pass, capacity: 1)
    var state = decoder.start(batch: 2)
    func message(_ input: InputBatch) -> String {
      do {
        _ = try decoder.step(input, &state)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(
      message(.tokens([1], batch: 1))
        == "the input has the shape [1, 1]; expected one position of 2 sequences")
    #expect(message(.tokens([1, 2], batch: 2)) == "accepted")
    #expect(
      message(.tokens([1, 2], batch: 2))
        == "the input has the shape [2, 1]; expected no more than the 1 positions that the decoder was made for"
    )
  }
}

extension InputBatch {
  /// One position of every sequence.
  fileprivate func position(_ position: Int) -> InputBatch {
    switch self {
    case .tokens(let ids, let batch):
      return .tokens((0..<batch).map { ids[$0 * length + position] }, batch: batch)
    case .features(let tensor):
      let width = tensor.dimensions[2]
      let rows = (0..<batch).flatMap { sequence in
        let start = (sequence * length + position) * width
        return tensor.values[start..<start + width]
      }
      return .features(Tensor([batch, 1, width], rows))
    }
  }
}
