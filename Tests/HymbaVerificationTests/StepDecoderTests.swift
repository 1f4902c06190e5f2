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

  static let sets = [
    "hymba-nvidia-tiny", "hymba-nvidia-small-sharded", "hymba-nvidia-options-a",
    "hymba-nvidia-options-b", "hymba-nvidia-options-c", "hymba-nvidia-options-d", "jamba-tiny",
    "zamba-tiny", "zamba2-tiny", "zamba2-options", "falcon-h1-tiny", "falcon-h1-options",
    "bamba-tiny", "bamba-options", "granite-hybrid-tiny", "granite-hybrid-options",
    "nemotron-h-tiny", "nemotron-h-options", "mamba-options",
    "falcon-mamba-options", "mamba2-options",
  ]

  @Test(
    "token by token, or a prompt and its continuations at once, from the meta tokens' state: the recorded logits",
    arguments: Self.sets, [1, 3, 5, Int.max])
  func logits(set: String, step: Int) throws {
    let recorded = try recorded(set, "logits", jobs: 2)
    let length = recorded.input.length
    let decoder = try StepDecoder(recorded.pass, capacity: length)
    var state = decoder.start(batch: recorded.input.batch)
    for start in stride(from: 0, to: length, by: min(step, length)) {
      let end = min(start + min(step, length), length)
      let logits = try decoder.step(recorded.input.positions(start..<end), &state)
      #expect(error(logits, recorded.expected, position: end - 1) < 2e-5, "to position \(end)")
    }
  }

  @Test(
    "vectors instead of tokens, learned keys and values: the recorded output",
    arguments: [1, 4, Int.max])
  func features(step: Int) throws {
    let recorded = try recorded("edifice-hymba-small", "output", jobs: 1)
    let decoder = try StepDecoder(recorded.pass, capacity: recorded.input.length)
    var state = decoder.start(batch: recorded.input.batch)
    var last = Tensor([0], [])
    let length = recorded.input.length
    for start in stride(from: 0, to: length, by: min(step, length)) {
      let end = min(start + min(step, length), length)
      last = try decoder.step(recorded.input.positions(start..<end), &state)
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
  /// Some positions of every sequence.
  fileprivate func positions(_ range: Range<Int>) -> InputBatch {
    switch self {
    case .tokens(let ids, let batch):
      return .tokens(
        (0..<batch).flatMap { sequence in range.map { ids[sequence * length + $0] } },
        batch: batch)
    case .features(let tensor):
      let width = tensor.dimensions[2]
      let values = (0..<batch).flatMap { sequence in
        let start = (sequence * length + range.lowerBound) * width
        return tensor.values[start..<start + range.count * width]
      }
      return .features(Tensor([batch, range.count, width], values))
    }
  }

  fileprivate func position(_ position: Int) -> InputBatch { positions(position..<position + 1) }
}
