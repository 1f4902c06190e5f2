import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

/// What a file with inputs and expected values may hold, on a model of 64 tokens.
@Suite("Reference files")
struct ReferenceTests {
  private let folder: TemporaryFolder
  private let model: OpenedModel

  init() throws {
    self.folder = try TemporaryFolder()
    self.model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("hymba-nvidia-tiny")]), OpeningOptions())
  }

  private func reference(_ entries: MemorySource.Entry...) throws -> Reference {
    let path = folder.file("r.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    return try Reference(path)
  }

  /// Whole numbers in as many bytes each.
  private func numbers(
    _ name: String, _ type: ElementType, _ dimensions: [Int], _ values: [Int]
  ) -> MemorySource.Entry {
    let bytes = values.flatMap { value in
      (0..<type.byteSize).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return .init(name, type, dimensions, bytes)
  }

  /// The message of a verification that is refused before anything is computed.
  private func refusal(
    _ expected: Reference, perplexity: Bool = true, of model: OpenedModel? = nil
  ) -> String {
    var verification = ForwardVerification(jobs: 1)
    verification.expected = expected
    verification.scoresTokens = perplexity
    var stages: [String] = []
    do {
      _ = try verification.run(model ?? self.model) { stage, _, _ in stages.append(stage) }
      return "accepted"
    } catch {
      return stages.isEmpty
        ? "\(error)".replacing(folder.path + "/", with: "") : "computed: \(stages)"
    }
  }

  @Test(
    "ids that are neither a sequence nor a batch of them are refused", arguments: [[], [2, 3, 4]])
  func rank(_ dimensions: [Int]) throws {
    let count = dimensions.reduce(1, *)
    let ids = numbers("input_ids", .int64, dimensions, Array(0..<count))
    #expect(
      try refusal(reference(ids))
        == "r.safetensors: the tensor “input_ids” has the shape \(dimensions); expected [batch, seq]"
    )
  }

  @Test(
    "a negative id of any width is called by its number",
    arguments: [ElementType.int8, .int16, .int32, .int64])
  func signs(_ type: ElementType) throws {
    #expect(
      try refusal(reference(numbers("input_ids", type, [1, 3], [5, -1, 7])))
        == "r.safetensors: the token id -1 is outside of the vocabulary of 64")
  }

  @Test(
    "numbers without a sign keep their upper half",
    arguments: [(ElementType.uint8, 255), (.uint16, 65_535), (.uint32, 4_294_967_295)])
  func unsigned(_ type: ElementType, _ largest: Int) throws {
    #expect(
      try refusal(reference(numbers("input_ids", type, [3], [5, largest, 7])))
        == "r.safetensors: the token id \(largest) is outside of the vocabulary of 64")
  }

  @Test("a number beyond 63 bits is refused")
  func tooLarge() throws {
    #expect(
      try refusal(reference(numbers("input_ids", .uint64, [1, 2], [5, -1])))
        == "r.safetensors: the tensor “input_ids” holds 18446744073709551615; expected numbers up to 9223372036854775807"
    )
  }

  @Test(
    "a mask has the shape of the ids", arguments: [[3, 2], [6], [2, 3, 1], []])
  func mask(_ dimensions: [Int]) throws {
    let ids = numbers("input_ids", .int64, [2, 3], [1, 2, 3, 4, 5, 6])
    let ones = [Int](repeating: 1, count: dimensions.reduce(1, *))
    #expect(
      try refusal(reference(ids, numbers("target_mask", .uint8, dimensions, ones)))
        == "r.safetensors: the tensor “target_mask” has the shape \(dimensions); expected that of input_ids, [2, 3]"
    )
  }

  @Test("what cannot be scored is said before the pass")
  func unscored() throws {
    let ids = numbers("input_ids", .int64, [2, 1], [1, 2])
    let nothing =
      "r.safetensors: the prediction of next tokens cannot be scored: no position of the input has a next token to score"
    #expect(try refusal(reference(ids)) == nothing)
    #expect(
      try refusal(reference(ids), perplexity: false)
        == "r.safetensors: it holds an input and no captures; what the model should compute goes by names like “hidden_states.1” and “logits”"
    )
    let last = numbers("target_mask", .uint8, [3], [0, 0, 1])
    #expect(
      try refusal(reference(numbers("input_ids", .int64, [3], [1, 2, 3]), last)) == nothing)
    let path = Fixture.path("edifice-hymba-tiny", "model.nx")
    let other = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    #expect(
      try refusal(reference(numbers("x", .uint8, [1], [0])), of: other)
        == "\(path): the prediction of next tokens cannot be scored: the model reads no tokens or gives no logits"
    )
  }

  @Test("the mask stands at the position that predicts; the last of a sequence predicts nothing")
  func positions() throws {
    let (architecture, _) = try model.requireArchitecture(for: "a test")
    func positions(_ mask: MemorySource.Entry?) throws -> [Int] {
      let ids = numbers("input_ids", .int64, [2, 3], [1, 2, 3, 4, 5, 6])
      let file = try mask.map { try reference(ids, $0) } ?? reference(ids)
      return try InputChoice(architecture, tokens: nil, input: file, expected: nil)
        .scoredPositions()
    }
    #expect(try positions(nil) == [0, 1, 3, 4])
    #expect(try positions(numbers("target_mask", .uint8, [2, 3], [0, 1, 1, 0, 7, 0])) == [1, 4])
  }

  @Test("a head that does not fit the model's outputs is refused before the pass")
  func head() throws {
    // The tiny Edifice model gives 8 numbers; without an input the probe has 2 sequences.
    let path = Fixture.path("edifice-hymba-tiny", "model.nx")
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    func refusal(_ weight: [Int], _ bias: Int, _ labels: [Int]) throws -> String {
      func floats(_ name: String, _ dimensions: [Int]) -> MemorySource.Entry {
        .init(
          name, .float32, dimensions,
          [UInt8](repeating: 0, count: 4 * dimensions.reduce(1, *)))
      }
      return try self.refusal(
        reference(
          floats("head.weight", weight), floats("head.bias", [bias]),
          numbers("labels", .int64, labels, [Int](repeating: 0, count: labels.reduce(1, *)))),
        perplexity: false, of: model)
    }
    for (weight, bias, labels, message) in [
      ([3, 7], 3, [2], "“head.weight” has the shape [3, 7]; expected [classes, 8]"),
      ([8], 3, [2], "“head.weight” has the shape [8]; expected [classes, 8]"),
      (
        [3, 8], 4, [2],
        "“head.bias” has the shape [4]; expected [3], one for each class of the head"
      ),
      (
        [3, 8], 3, [2, 1],
        "“labels” has the shape [2, 1]; expected [2], one for each sequence of the input"
      ),
    ] {
      #expect(try refusal(weight, bias, labels) == "r.safetensors: the tensor \(message)")
    }
    #expect(try refusal([3, 8], 3, [2]) == "accepted")
  }

  @Test("a capture of whole numbers is a difference, not a tensor to skip")
  func integers() throws {
    let recorded = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")
    let ids = try SafetensorsSource(recorded)
    let shape = try #require(ids.tensors["input_ids"]?.shape.dimensions)
    let hidden = numbers(
      "hidden_states.0", .int64, [1], [1])
    var verification = ForwardVerification(jobs: 1)
    verification.input = try Reference(recorded)
    verification.expected = try reference(hidden, numbers("notes", .int64, [1], [1]))
    let report = try verification.run(model).0
    #expect(report.input == InputDescription(origin: "expected.safetensors", shape: shape))
    #expect(!report.passed && report.firstDivergence == "hidden_states.0")
    #expect(
      report.comparison.map(\.problem) == ["the reference's are I64, not floating-point numbers"])
    #expect(report.notCompared == ["notes"])
  }

  @Test("a reference of which no capture fits the model is refused before anything is computed")
  func otherModel() throws {
    let (words, probe) = (
      "no capture in it can be one of this model: ",
      "; it holds no input, so the model would run on the probe"
    )
    let logits = MemorySource.Entry("logits", .float32, [1], [0, 0, 0, 0])
    #expect(
      try refusal(reference(logits), perplexity: false)
        == "r.safetensors: \(words)“logits” has the shape [1], and this model computes [2, 16, 64] for this input\(probe)"
    )
    let other = Fixture.path("bamba-tiny", "expected.safetensors")
    let message = try refusal(Reference(other), perplexity: false)
    #expect(message == "expected.safetensors: the token id 69 is outside of the vocabulary of 64")
  }

  @Test("one capture that fits is enough for a run, which tells what the others are")
  func someFit() throws {
    let zeros = [UInt8](repeating: 0, count: 4 * 2 * 16 * 64)
    var verification = ForwardVerification(jobs: 1)
    verification.checks = CheckGroup.quick
    verification.expected = try reference(
      .init("logits", .float32, [2, 16, 64], zeros), .init("hidden_states.0", .float32, [1], [0, 0, 0, 0]))
    let report = try verification.run(model).0
    #expect(report.comparison.map(\.failed) == [.shape, .error])
  }
}
