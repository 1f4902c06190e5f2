import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Numbers of stored tensors")
struct NumberCheckTests {
  /// One Mamba layer of six channels.
  private func architecture(rows: Int) throws -> Architecture {
    try Architecture(
      input: .tokens(vocabularySize: rows), hiddenSize: 6,
      norm: .init(kind: .layerNorm, epsilon: 1e-6), metaTokens: .prepended(count: 2),
      layers: [
        .init(
          mixer: .mamba(
            mamba: .mamba(.init(
              innerSize: 12, stateSize: 4, rank: 2, convWidth: 3,
              biases: [.convolution, .timeStep],
              decay: .learned, timeStepClip: nil, inputTimeStep: .own, skip: true,
              innerNorms: .none))),
          feedForward: .none)
      ], output: .tiedLogits)
  }

  @Test(
    "a tensor of more than one window is looked at to its end",
    arguments: [
      (
        nil,
        "all finite; as if never filled, all values equal or most of them zero: embed_tokens.weight (1.0)"
      ),
      (0x3F81, "all finite"), (0x7FC0, "NaN or infinite values in embed_tokens.weight"),
    ] as [(UInt16?, String)])
  func windows(_ last: UInt16?, _ detail: String) throws {
    let rows = 200_000
    var bytes = [UInt8](repeating: 0x80, count: rows * 6 * 2)
    for index in stride(from: 1, to: bytes.count, by: 2) { bytes[index] = 0x3F }
    if let last {
      bytes[bytes.count - 2] = UInt8(last & 0xFF)
      bytes[bytes.count - 1] = UInt8(last >> 8)
    }
    let source = try MemorySource([.init("embed_tokens.weight", .bfloat16, [rows, 6], bytes)])
    let check = try NumberCheck(reading: source, try architecture(rows: rows), jobs: 2).check
    #expect(check.detail == detail)
  }

  /// The check of random weights with one tensor changed.
  private func check(_ name: String, _ change: ([Float], _ columns: Int) -> [Float]) throws -> Check
  {
    let architecture = try architecture(rows: 20)
    let random = try RandomCheckpoint(architecture, seed: 1)
    let tensor = try #require(random.tensors[name])
    let values = change(
      try Tensor(name, from: random).values, tensor.shape.dimensions.last ?? 1)
    let source = try MemorySource(
      copying: random, changing: [name: values.littleEndianBytes])
    return try NumberCheck(reading: source, architecture, jobs: 1).check
  }

  private static let prefix = "layers.0.mamba."
  private static let failure =
    "zeros where there should be weights, as in a file that was not written or loaded to its end: "

  @Test(
    "a norm or a weight of zeros is a failure",
    arguments: [
      "final_norm.weight", "layers.0.norm.weight", "embed_tokens.weight", prefix + "in_proj.weight",
      prefix + "conv1d.weight",
    ])
  func zeros(_ name: String) throws {
    let check = try check(name) { values, _ in values.map { _ in 0 } }
    #expect(check == Check("numbers", .failed, Self.failure + name))
  }

  @Test("so is one of which most is zero, along its rows or across them; less than that is not")
  func tails() throws {
    let name = Self.prefix + "in_proj.weight"
    func part(_ share: Double) throws -> Check {
      try check(name) { values, _ in
        let kept = values.count - Int(share * Double(values.count))
        return values.enumerated().map { $0 < kept ? $1 : 0 }
      }
    }
    #expect(try part(0.6) == Check("numbers", .failed, Self.failure + name + " (60 %)"))
    #expect(try part(0.999) == Check("numbers", .failed, Self.failure + name + " (99 %)"))
    #expect(try part(0.4).outcome == .passed)
    // A file that stores the matrix the other way round loses the last columns.
    let across = try check(name) { values, columns in
      values.enumerated().map { $0 % columns < 2 ? $1 : 0 }
    }
    #expect(across.outcome == .failed)
    #expect(
      try check("final_norm.weight") { values, _ in
        values.enumerated().map { $0 < 2 ? $1 : 0 }
      }.outcome == .failed)
  }

  @Test("zeros that are spread all over, as pruning leaves them, are a warning")
  func pruned() throws {
    let name = Self.prefix + "in_proj.weight"
    let check = try check(name) { values, columns in
      values.enumerated().map { ($0 % columns + $0 / columns) % 3 == 0 ? $1 : 0 }
    }
    #expect(check.outcome == .warned)
    #expect(check.detail.contains("most of them zero: \(name) (67 % zero)"), "\(check.detail)")
  }

  @Test(
    "equal values are a warning where a fresh model has random ones",
    arguments: [
      ("embed_tokens.weight", Float(0.02), true), (prefix + "out_proj.weight", 1, true),
      (prefix + "D", 0, true), (prefix + "A_log", 0, true), ("meta_tokens", 0, true),
      (prefix + "D", 1, false), (prefix + "A_log", 0.5, false), ("final_norm.weight", 1, false),
      ("final_norm.bias", 0, false), (prefix + "conv1d.bias", 0, false),
    ])
  func constant(_ name: String, _ value: Float, _ isRemarkable: Bool) throws {
    let check = try check(name) { values, _ in values.map { _ in value } }
    #expect(check.outcome == (isRemarkable ? .warned : .passed))
    let named = "\(name) (\(value))"
    #expect(
      check.detail.contains(
        isRemarkable
          ? "all values equal or most of them zero: \(named)" : "; all values equal in \(named)"),
      "\(check.detail)")
  }

  @Test("a download whose end is zeros fails by the tensors in it, and ten of them are named")
  func download() throws {
    // 200,000 bytes of the file are there, as in an interrupted download into a file of the full size.
    let folder = try TemporaryFolder()
    var bytes = try InputFile.contents(
      of: Fixture.path("hymba-nvidia-tiny", "model.safetensors"), limit: 1 << 24)
    for index in 200_000..<bytes.count { bytes[index] = 0 }
    try folder.write(bytes, to: "model.safetensors")
    try folder.write(
      InputFile.contents(of: Fixture.path("hymba-nvidia-tiny", "config.json"), limit: 1 << 20),
      to: "config.json")
    let model = try OpenedModel.open(ModelInput(paths: [folder.path]), OpeningOptions())
    let report = try ForwardVerification(jobs: 1).run(model).0
    let numbers = try #require(report.checks.first { $0.name == "numbers" })
    #expect(!report.passed && numbers.outcome == .failed)
    #expect(numbers.detail.hasPrefix(Self.failure) && numbers.detail.contains("norm.weight"))
  }
}

extension NumberCheck {
  /// Counts the numbers of a source first.
  init(reading source: any CheckpointSource, _ architecture: Architecture, jobs: Int) throws {
    let inspected = InspectedSource(source, comparing: nil, countsNumbers: true)
    try inspected.readRest(jobs: jobs, progress: {})
    #expect(inspected.bytesRead == source.tensors.totalBytes)
    try self.init(
      inspected.numbers, of: source, architecture, inventory: ParameterInventory(architecture),
      jobs: jobs)
  }
}
