import Foundation
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel
@testable import HymbaVerification

@Suite("Tokens that continue a prompt")
struct GenerationTests {
  private struct Recorded: Decodable {
    let prompt: [Int]
    let tokens: [Int]
  }

  private static let recorded: [String: Recorded] = {
    let file = URL(filePath: Fixture.path("greedy", "tokens.json"))
    return (try? JSONDecoder().decode([String: Recorded].self, from: Data(contentsOf: file))) ?? [:]
  }()

  private func pass(_ set: String, jobs: Int = 2) throws -> ForwardPass {
    let sharded = Fixture.path(set, "model.safetensors.index.json")
    let model = try OpenedModel.open(
      ModelInput(paths: [FileSystem.exists(sharded) ? sharded : Fixture.path(set, "model.safetensors")]),
      OpeningOptions())
    let (architecture, _) = try model.requireArchitecture(for: "generating")
    return ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
  }

  private func tokens(
    _ decoder: StepDecoder, _ prompt: [Int], _ count: Int, _ sampling: Sampling = .greedy
  ) throws -> [Int] {
    var generator = try TokenGenerator(decoder, prompt: prompt, sampling: sampling)
    return try (0..<count).map { _ in try generator.next().token }
  }

  @Test("twelve sets are recorded") func complete() { #expect(Self.recorded.count == 12) }

  @Test(
    "the tokens that the original continues with, from weights in memory and from the checkpoint",
    arguments: recorded.keys.sorted(), [WeightPlacement.memory, .checkpoint])
  func original(set: String, weights: WeightPlacement) throws {
    let recorded = try #require(Self.recorded[set])
    let capacity = recorded.prompt.count + recorded.tokens.count
    let decoder = try StepDecoder(pass(set), capacity: capacity, weights: weights)
    #expect(try tokens(decoder, recorded.prompt, recorded.tokens.count) == recorded.tokens)
  }

  @Test(
    "each token follows from the scores that the original recorded",
    arguments: [
      "hymba-nvidia-tiny", "hymba-nvidia-small-sharded", "hymba-nvidia-options-a", "hymba-nvidia-options-b",
      "hymba-nvidia-options-c", "hymba-nvidia-options-d", "granite-hybrid-options", "nemotron-h-tiny",
      "nemotron-h-options",
    ])
  func recordedScores(set: String) throws {
    let source = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    let logits = try Tensor("logits", from: source)
    let input = try Reference(source.location).input(for: pass(set).architecture)
    guard case .tokens(let ids, _) = try #require(input) else { return }
    let (length, size) = (logits.dimensions[1], logits.dimensions[2])
    let decoder = try StepDecoder(pass(set), capacity: length + 1)
    for position in [0, length / 2, length - 1] {
      let scores = Array(logits.values[position * size..<(position + 1) * size])
      let expected = scores.firstIndex(of: scores.max() ?? 0)
      #expect(try tokens(decoder, Array(ids[...position]), 1) == [expected], "behind position \(position)")
    }
  }

  @Test("chance chooses the same tokens with any number of threads")
  func jobs() throws {
    let sampling = try Sampling(temperature: 1.2, topP: 0.95, seed: 11)
    let all = try [1, 2, 3, 7].map { jobs in
      try tokens(StepDecoder(pass("jamba-tiny", jobs: jobs), capacity: 60), [1, 5, 9, 40], 50, sampling)
    }
    #expect(Set(all).count == 1)
    #expect(try tokens(StepDecoder(pass("jamba-tiny"), capacity: 60), [1, 5, 9, 40], 50) != all[0])
  }

  @Test("a prompt of several parts gives what one pass over all of it gives")
  func longPrompt() throws {
    let prompt = (0..<600).map { ($0 * 37 + $0 / 7) % 64 }
    let pass = try pass("jamba-tiny")
    let decoder = try StepDecoder(pass, capacity: prompt.count + 1)
    var state = decoder.start(batch: 1)
    var reached: [Int] = []
    let logits = try decoder.step(through: prompt, &state) { reached.append($0) }
    #expect(reached == [256, 512, 600])
    let whole = try pass.run(.tokens(prompt, batch: 1))
    let expected = whole.values.suffix(64)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(logits.values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst / largest < 2e-5)
  }

  @Test(
    "a prompt of two parts and the tokens behind it give what one pass over all of them gives",
    arguments: StepDecoderTests.sets)
  func partsAndSteps(set: String) throws {
    let pass = try pass(set)
    let size = pass.architecture.input.size
    let ids = (0..<303).map { ($0 * 37 + $0 / 7) % size }
    let decoder = try StepDecoder(pass, capacity: ids.count)
    var state = decoder.start(batch: 1)
    var rows = [try decoder.step(through: Array(ids[..<300]), &state)]
    for token in ids[300...] { rows.append(try decoder.step(.tokens([token], batch: 1), &state)) }
    let whole = try pass.run(.tokens(ids, batch: 1))
    let width = whole.dimensions[2]
    let largest = whole.values.reduce(0) { max($0, abs($1)) }
    for (row, position) in zip(rows, 299...) {
      let expected = whole.values[position * width..<(position + 1) * width]
      let worst = zip(row.values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst / largest < 2e-5, "position \(position): \(worst / largest)")
    }
  }

  @Test("the asynchronous sequence gives the same tokens, as many as it was asked for, and again")
  func sequence() async throws {
    let decoder = try StepDecoder(pass("jamba-tiny"), capacity: 40)
    let generated = GeneratedTokens(decoder, prompt: [1, 5, 9], count: 12)
    let expected = try tokens(decoder, [1, 5, 9], 12)
    for _ in 0..<2 {
      var found: [Int] = []
      for try await token in generated { found.append(token.token) }
      #expect(found == expected)
    }
  }

  @Test("a task that is cancelled gets no further token")
  func cancelled() async throws {
    let decoder = try StepDecoder(pass("jamba-tiny"), capacity: 4000)
    let task = Task {
      var count = 0
      do {
        for try await _ in GeneratedTokens(decoder, prompt: [1], count: 3000) {
          count += 1
          if count == 3 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
        }
      } catch is CancellationError { return count }
      return -1
    }
    #expect(try await task.value == 3)
  }

  @Test("there is no token beyond the capacity, and none of a model without scores")
  func impossible() throws {
    let decoder = try StepDecoder(pass("jamba-tiny"), capacity: 5)
    var generator = try TokenGenerator(decoder, prompt: [1, 2, 3, 4])
    _ = try generator.next()
    _ = try generator.next()
    #expect(throws: ModelError.self) { try generator.next() }
    #expect(throws: ModelError.self) { try TokenGenerator(decoder, prompt: []) }
    #expect(throws: ModelError.tokenOutside(64, vocabularySize: 64)) {
      try TokenGenerator(decoder, prompt: [64])
    }
    let features = try StepDecoder(pass("edifice-hymba-small"), capacity: 5)
    #expect(throws: ModelError.cannotChoose("the model reads no tokens or gives no scores for them")) {
      try TokenGenerator(features, prompt: [1])
    }
  }

  @Test("the memory for decoding holds the weights as stored, the caches, and 100 MB")
  func memory() throws {
    let pass = try pass("jamba-tiny")
    let weights = pass.reader.source.tensors.totalBytes
    // Two layers of attention keep 2 heads of 8 as keys and as values for each position.
    let difference = pass.decodingBytes(capacity: 1100) - pass.decodingBytes(capacity: 100)
    #expect(difference == 1000 * pass.architecture.keyValuesPerToken * 4)
    #expect(pass.decodingBytes(capacity: 1) > weights + 100_000_000)
    #expect(pass.decodingBytes(capacity: 1) < weights + 100_000_000 + 200_000)
  }
}
