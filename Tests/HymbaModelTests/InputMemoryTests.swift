import HymbaFormat
import Testing

@testable import HymbaModel

@Suite("Memory that an input asks for")
struct InputMemoryTests {
  /// One attention layer of six channels on features.
  private let architecture: Architecture

  init() throws {
    self.architecture = try Architecture(
      input: .features(size: 6), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 2, keyValueHeads: 2, keyHeadSize: 3, valueHeadSize: 3, biases: [])),
          feedForward: .none)
      ], output: .lastHiddenState)
  }

  @Test("an input that no memory holds is refused by its shape, whatever overflows")
  func refused() {
    // The stream eight times, queries, keys, and values twice: 72 numbers.
    #expect(architecture.activationBytesPerPosition == 4 * (8 * 6 + 4 * 6))
    let positions = Limits.matrixBytes / architecture.activationBytesPerPosition
    #expect(throws: Never.self) { try architecture.requireMemory(forInput: [1, positions, 6]) }
    let bytes = (positions + 1) * architecture.activationBytesPerPosition
    #expect {
      try architecture.requireMemory(forInput: [positions + 1])
    } throws: { error in
      "\(error)"
        == "the input has the shape [\(positions + 1)], for which this model takes \(bytes) bytes of memory; at most \(Limits.matrixBytes) are used, half of what this machine has; give fewer or shorter sequences"
    }
    for shape in [[Int.max, 2, 6], [2, Int.max, 6], [1 << 40, 1 << 20, 6], [Int.max]] {
      #expect(throws: ModelError.self) { try architecture.requireMemory(forInput: shape) }
    }
  }

  @Test("the states of a Mamba layer count once for each sequence, and decide where sequences are short")
  func states() throws {
    let wide = 1 << 20
    let architecture = try Architecture(
      input: .features(size: 6), hiddenSize: 6,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .mamba(
            mamba: .mamba(.init(
              innerSize: 6, stateSize: wide, rank: 1, convWidth: 4, biases: [], decay: .fixed,
              timeStepClip: nil, inputTimeStep: .own, skip: false, innerNorms: .none))),
          feedForward: .none)
      ], output: .lastHiddenState)
    // A state of 2^20 numbers and the 3 positions before a convolution of width 4, for each of 6 channels.
    let stateBytes = 4 * 6 * (3 + wide)
    #expect(architecture.activationBytesPerPosition < stateBytes)
    let batch = Limits.matrixBytes / stateBytes
    #expect(throws: Never.self) { try architecture.requireMemory(forInput: [batch, 1, 6]) }
    #expect {
      try architecture.requireMemory(forInput: [batch + 1, 1, 6])
    } throws: { error in
      "\(error)"
        == "the input has the shape \([batch + 1, 1, 6]), for which this model takes \((batch + 1) * stateBytes) bytes of memory; at most \(Limits.matrixBytes) are used, half of what this machine has; give fewer or shorter sequences"
    }
    // Longer sequences need no more states, and are judged by their positions.
    let positions = Limits.matrixBytes / architecture.activationBytesPerPosition
    #expect(throws: Never.self) { try architecture.requireMemory(forInput: [1, positions, 6]) }
    #expect(throws: ModelError.self) {
      try architecture.requireMemory(forInput: [1, positions + 1, 6])
    }
  }

  @Test("where the matrix library would wait for ever for addresses, that is said instead")
  func addresses() {
    #expect(BLAS.canMap(1 << 20) && !BLAS.canMap(1 << 60))
    let byteCount = ((1 << 30) - 8) << 28
    #expect {
      try BLAS.requireMemory(jobs: 1 << 30)
    } throws: { error in
      guard case .noRoomForProducts(let found) = error as? ModelError else { return false }
      return found > byteCount
        && "\(error)"
          == "this process cannot have the \(found) bytes of address space that matrix products take"
    }
  }

  /// A tensor that is declared and not there.
  private struct Declared: CheckpointSource {
    let location = "declared"
    let tensors: TensorTable
    let files: [SourceFile] = []

    func read(
      _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
    ) throws {
      throw ModelError.inputMissing("read")
    }
  }

  @Test("a tensor that no memory holds is refused before it is read")
  func tensors() throws {
    let source = Declared(
      tensors: try TensorTable([
        .init(name: "input", type: .float32, dimensions: [1, 1 << 40, 6]),
        .init(name: "ids", type: .int64, dimensions: [4]),
      ]))
    #expect {
      _ = try Tensor("input", from: source)
    } throws: { error in
      "\(error)"
        == "the tensor “input” takes \(24 << 40) bytes of memory; at most \(Limits.matrixBytes) are used, half of what this machine has"
    }
    #expect {
      _ = try Tensor("ids", from: source)
    } throws: { error in
      "\(error)" == "the tensor “ids” has the element type I64; expected floating-point numbers"
    }
  }
}
