import HymbaFormat
import Testing

@testable import HymbaModel

@Suite("Matrices that are read in parts")
struct LargeMatrixTests {
  private static let vocabulary = 140_001

  /// Beyond one part of the head of 2^23 numbers, of which 2^20 are read at once; the width of 60 puts the
  /// ends of parts between them.
  @Test(
    "vectors of tokens and logits of both sides of every border are those of the stored rows",
    arguments: [64, 60], [1, 2])
  func borders(hidden: Int, jobs: Int) throws {
    let architecture = try Architecture(
      input: .tokens(vocabularySize: Self.vocabulary), hiddenSize: hidden,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .mamba(
            mamba: .mamba(.init(
              innerSize: 4, stateSize: 2, rank: 1, convWidth: 2, biases: [], decay: .fixed,
              timeStepClip: nil, inputTimeStep: .own, skip: false, innerNorms: .none))),
          feedForward: .none)
      ], output: .tiedLogits)
    let source = try RepeatingSource(RandomCheckpoint(architecture, seed: 3, type: .bfloat16))
    let rows = (1 << 20) / hidden
    let part = (1 << 23) / hidden
    let ids = [rows - 1, rows, Self.vocabulary - 1]
    var embedded: [Float] = []
    var last: [Float] = []
    let logits = try ForwardPass(architecture, parameters: source, jobs: jobs).run(
      .tokens(ids, batch: 1)
    ) { capture, tensor in
      if capture == .hiddenStates(0) { embedded = tensor.values }
      if capture == .lastHiddenState { last = tensor.values }
    }
    #expect(embedded == ids.flatMap { source.row($0, hidden) })
    #expect(logits.dimensions == [1, 3, Self.vocabulary])
    let outputs = [0, rows - 1, rows, part - 1, part, Self.vocabulary - 1]
    let weights = outputs.map { source.row($0, hidden).map(Double.init) }
    for position in 0..<3 {
      let state = last[position * hidden..<(position + 1) * hidden].map(Double.init)
      for (output, row) in zip(outputs, weights) {
        let products = zip(state, row).map { $0 * $1 }
        let got = Double(logits.values[position * Self.vocabulary + output])
        // Sums in 32 bits, in any order, have at most this error; two rows differ by far more.
        let bound = products.reduce(0) { $0 + abs($1) } * Double(hidden) * 0x1p-24
        #expect(
          abs(got - products.reduce(0, +)) <= bound, "position \(position), output \(output)")
      }
    }
  }

  @Test(
    "what takes more memory than half of the machine's is refused by name, before it is asked for")
  func beyondMemory() throws {
    let side = 1 << 24
    let quarter = Limits.matrixBytes / 4
    let reader = ParameterReader(
      source: try DeclaredSource(tensors: [
        .init(name: "wide", type: .bfloat16, dimensions: [side, side]),
        .init(name: "long", type: .float64, dimensions: [side << 20]),
        .init(name: "narrow", type: .float8E5M2, dimensions: [quarter + 1]),
      ]), jobs: 2)
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "read"
      } catch { return "\(error)" }
    }
    let rest = "at most \(Limits.matrixBytes) are used, half of what this machine has"
    #expect(
      message { _ = try reader.matrix("wide", side, side) }
        == "the parameter “wide” takes 562949953421312 bytes of memory; \(rest)")
    #expect(
      message { _ = try reader.floats("long", [side << 20]) }
        == "the parameter “long” takes 140737488355328 bytes of memory; \(rest)")
    // Four bytes each, once they are widened.
    #expect(
      message { _ = try reader.floats("narrow", [quarter + 1]) }
        == "the parameter “narrow” takes \(4 * (quarter + 1)) bytes of memory; \(rest)")
    // Of a matrix of any size a part may be small.
    #expect(
      message {
        _ = try reader.matrix(try reader.rowReading("wide", side, side), rows: 0..<1)
      } == "not there")
    #expect(
      message { _ = try reader.rows([5], of: "wide", side, side, .parts) } == "not there")
  }
}

/// Parameters as another source has them, but an embedding that repeats a pattern, and so is read quickly.
private struct RepeatingSource: CheckpointSource {
  private static let name = "embed_tokens.weight"
  /// Numbers until the pattern repeats: a prime, so that no two rows nearby are alike.
  private static let period = 65_537

  private let base: RandomCheckpoint
  private let pattern: [Float]
  /// The pattern in BF16, often enough for a window of any beginning.
  private let bytes: [UInt8]
  var location: String { base.location }
  var tensors: TensorTable { base.tensors }
  var files: [SourceFile] { base.files }

  init(_ base: RandomCheckpoint) throws {
    self.base = base
    var generator = SplitMix64(seed: 8)
    // Eight bits each, exact in BF16.
    let pattern = (0..<Self.period).map { _ in Float(generator.next() >> 56) / 128 - 1 }
    let once = pattern.flatMap { value -> [UInt8] in
      let word = value.bitPattern >> 16
      return [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
    }
    var bytes: [UInt8] = []
    while bytes.count < once.count + 2 << 20 { bytes += once }
    self.pattern = pattern
    self.bytes = bytes
  }

  func row(_ index: Int, _ columns: Int) -> [Float] {
    (index * columns..<(index + 1) * columns).map { pattern[$0 % Self.period] }
  }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    guard tensor.name == Self.name else {
      return try base.read(tensor, from: offset, into: &buffer)
    }
    try tensor.requireRange(offset, buffer.byteCount)
    let start = offset % (2 * Self.period)
    let part = bytes[start..<start + buffer.byteCount]
    unsafe buffer.withUnsafeMutableBytes {
      unsafe _ = $0.initializeMemory(as: UInt8.self, from: part)
    }
  }
}

/// Tensors of any size, without content.
private struct DeclaredSource: CheckpointSource {
  struct NotThere: Error, CustomStringConvertible { var description: String { "not there" } }

  let location = "nowhere"
  let tensors: TensorTable
  let files: [SourceFile] = []

  init(tensors: [TensorDescriptor]) throws { self.tensors = try TensorTable(tensors) }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    throw NotThere()
  }
}
