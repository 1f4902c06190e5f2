import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Forward pass")
struct ForwardPassTests {
  /// The prepended form has no original; its reference is an independent float64 re-computation.
  @Test("prepended meta tokens agree with the float64 re-computation in every capture")
  func prepended() throws {
    let set = "gated-prepended-tiny"
    let architecture = try Architecture(
      json: InputFile.contents(of: Fixture.path(set, "architecture.json"), limit: 1 << 20))
    let model = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    let expected = try SafetensorsSource(Fixture.path(set, "expected.safetensors"))
    var compared = 0
    try ForwardPass(architecture, parameters: model, jobs: 1).run(
      .features(Tensor("input", from: expected))
    ) {
      capture, got in
      guard capture.isRecorded else { return }
      let reference = try Tensor(capture.name, from: expected)
      #expect(got.dimensions == reference.dimensions, "\(capture.name)")
      let largest = reference.values.map(abs).max() ?? 0
      let worst = zip(got.values, reference.values).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst <= 2e-5 * largest, "\(capture.name) differs by \(worst / largest)")
      compared += 1
    }
    #expect(compared == expected.tensors.count - 1, "every capture but the input was compared")
  }

  private func model() throws -> (Architecture, RandomCheckpoint) {
    let architecture = try Architecture.hymba(
      embedDim: 6, hiddenSize: 8, stateSize: 4, numLayers: 2, numHeads: 2)
    return (architecture, try RandomCheckpoint(architecture, seed: 4))
  }

  private func input(_ batch: Int, _ sequence: Int) -> InputBatch {
    .features(features(batch, sequence))
  }

  private func features(_ batch: Int, _ sequence: Int) -> Tensor {
    var generator = SplitMix64(seed: 9)
    return Tensor(
      [batch, sequence, 6],
      (0..<batch * sequence * 6).map { _ in SplitMix64.unit(generator.next()) })
  }

  @Test(
    "any batch and length run, longer than a block of queries too",
    arguments: [(1, 1), (3, 2), (1, 150)])
  func sizes(_ batch: Int, _ sequence: Int) throws {
    let (architecture, weights) = try model()
    let output = try ForwardPass(architecture, parameters: weights, jobs: 2)
      .run(input(batch, sequence))
    #expect(output.dimensions == [batch, 8])
    #expect(output.values.allSatisfy { $0.isFinite })
  }

  @Test("the output of a prefix is the last hidden state there, whatever follows")
  func prefix() throws {
    let (architecture, weights) = try model()
    let pass = ForwardPass(architecture, parameters: weights, jobs: 1)
    let long = features(1, 100)
    let short = try pass.run(
      .features(Tensor([1, 70, 6], Array(long.values[..<(70 * 6)]))))
    var row: [Float] = []
    try pass.run(.features(long)) { capture, tensor in
      if capture == .lastHiddenState { row = Array(tensor.values[69 * 8..<70 * 8]) }
    }
    for (a, b) in zip(short.values, row) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("weights of a narrower type are computed with in 32 bits from their rounded values")
  func narrowWeights() throws {
    let (architecture, weights) = try model()
    // Truncation to BF16, stored once as BF16 and once as the same values in F32.
    var narrow: [MemorySource.Entry] = []
    var wide: [MemorySource.Entry] = []
    for tensor in weights.tensors {
      let bytes = try weights.bytes(of: tensor)
      let upper = bytes.indices.filter { $0 % 4 >= 2 }.map { bytes[$0] }
      let same = bytes.indices.map { $0 % 4 >= 2 ? bytes[$0] : 0 }
      narrow.append(.init(tensor.name, .bfloat16, tensor.shape.dimensions, upper))
      wide.append(.init(tensor.name, .float32, tensor.shape.dimensions, same))
    }
    let outputs = try [narrow, wide].map {
      try ForwardPass(architecture, parameters: MemorySource($0), jobs: 1).run(input(2, 3))
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test("no threads are one", arguments: [0, -1])
  func noThreads(jobs: Int) throws {
    let (architecture, weights) = try model()
    let outputs = try [jobs, 1].map {
      try ForwardPass(architecture, parameters: weights, jobs: $0).run(input(1, 5))
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test("an input of another width is refused with what was expected")
  func wrongInput() throws {
    let (architecture, weights) = try model()
    #expect {
      try ForwardPass(architecture, parameters: weights, jobs: 1).run(
        .features(Tensor([1, 2, 5], [Float](repeating: 0, count: 10))))
    } throws: {
      "\($0)" == "the input has the shape [1, 2, 5]; expected [batch, positions, 6]"
    }
  }

  @Test(
    "a weight that cannot be read ends the pass with the reason, read ahead or not",
    arguments: [1, 2, 8])
  func unreadable(jobs: Int) throws {
    let (architecture, model) = try model()
    let source = UnreadableSource(base: model, name: "layers.1.ffn.down_proj.weight")
    #expect(throws: UnreadableSource.Failure()) {
      try ForwardPass(architecture, parameters: source, jobs: jobs).run(input(1, 3))
    }
  }

  @Test("a missing parameter, a wrong shape and whole numbers are named")
  func wrongParameters() throws {
    let (architecture, weights) = try model()
    func message(_ change: (String, ElementType, [Int], Int)?) throws -> String {
      var entries: [MemorySource.Entry] = []
      for tensor in weights.tensors {
        guard tensor.name == "layers.1.norm.bias" else {
          entries.append(
            .init(tensor.name, tensor.type, tensor.shape.dimensions, try weights.bytes(of: tensor)))
          continue
        }
        if let change {
          entries.append(
            .init(change.0, change.1, change.2, [UInt8](repeating: 0, count: change.3)))
        }
      }
      do {
        _ = try ForwardPass(architecture, parameters: MemorySource(entries), jobs: 1).run(
          input(1, 2))
        return "ran"
      } catch { return "\(error)" }
    }
    #expect(try message(nil) == "the parameter “layers.1.norm.bias” is missing")
    #expect(
      try message(("layers.1.norm.bias", .float32, [2, 4], 32))
        == "the parameter “layers.1.norm.bias” has the shape [2, 4]; expected [8]")
    #expect(
      try message(("layers.1.norm.bias", .int32, [8], 32))
        == "the tensor “layers.1.norm.bias” has the element type I32; expected floating-point numbers"
    )
  }
}

/// A checkpoint of which one tensor cannot be read.
private struct UnreadableSource: CheckpointSource {
  struct Failure: Error, Equatable {}

  let base: RandomCheckpoint
  let name: String
  var location: String { base.location }
  var tensors: TensorTable { base.tensors }
  var files: [SourceFile] { base.files }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    guard tensor.name != name else { throw Failure() }
    try base.read(tensor, from: offset, into: &buffer)
  }
}
