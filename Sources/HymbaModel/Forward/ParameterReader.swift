import HymbaFormat

/// Reads parameters of a checkpoint by name, with the shape that the model expects.
struct ParameterReader: Sendable {
  let source: any CheckpointSource
  let jobs: Int
  private let pool: BufferPool
  /// Takes the reading of matrices, where that is left for later.
  private var fetch: Fetch?
  /// What the layers that it makes round with at random; nil where they compute as they are.
  var rounding: RandomRounding?

  init(source: any CheckpointSource, jobs: Int) {
    self.source = source
    self.jobs = jobs
    self.pool = BufferPool()
  }

  /// A reader whose matrices are filled once `fetch` is finished.
  func deferring(to fetch: Fetch) -> ParameterReader {
    var reader = self
    reader.fetch = fetch
    return reader
  }

  /// A reader that leaves nothing for later.
  var immediate: ParameterReader {
    var reader = self
    reader.fetch = nil
    return reader
  }

  /// A whole parameter as 32-bit floats: for vectors and other small ones.
  ///
  /// - Throws: ``ModelError/parameterMissing(_:)``, ``ModelError/parameterShape(_:found:expected:)``,
  ///   ``ModelError/parameterType(_:_:)``, ``ModelError/parameterBeyondMemory(_:byteCount:limit:)``, and what
  ///   the source throws.
  func floats(_ name: String, _ dimensions: [Int]) throws -> [Float] {
    let tensor = try descriptor(name, dimensions)
    // As it is stored, and widened; elements are so few that neither overflows.
    let size = max(tensor.type.byteSize, MemoryLayout<Float>.size)
    try requireMemory(name, tensor.shape.elementCount * size)
    let bytes = try source.bytes(of: tensor)
    guard let values = Widening.floats(bytes.raw, tensor.type) else {
      throw ModelError.parameterType(name, tensor.type)
    }
    return values
  }

  /// A matrix as it is stored, or some rows of it; its content is there once a fetch that it was left to is
  /// finished.
  ///
  /// - Parameter range: The rows to read; all if nil.
  /// - Throws: as ``floats(_:_:)``.
  func matrix(
    _ name: String, _ rows: Int, _ columns: Int, _ range: Range<Int>? = nil
  ) throws -> StoredMatrix {
    let tensor = try descriptor(name, [rows, columns])
    guard tensor.type.isFloatingPoint else { throw ModelError.parameterType(name, tensor.type) }
    let range = range ?? 0..<rows
    let rowBytes = columns * tensor.type.byteSize
    let (start, byteCount) = (range.lowerBound * rowBytes, range.count * rowBytes)
    try requireMemory(name, byteCount)
    let loan = pool.take(byteCount)
    // Windows of whole chunks of a compressed tensor, so that each chunk is decoded once.
    let window = tensor.type.byteSize << 20
    let first = start / window
    let windows = byteCount == 0 ? 0 : (start + byteCount - 1) / window - first + 1
    let parts = (0..<windows).map { index -> Fetch.Part in
      let from = max(start, (first + index) * window)
      let to = min(start + byteCount, (first + index + 1) * window)
      return { [source] in
        try loan.buffer.withMutableBytes(from - start..<to - start) { bytes in
          try source.read(tensor, from: from, into: &bytes)
        }
      }
    }
    if let fetch {
      fetch.add(parts)
    } else {
      _ = try Parallel.map(count: windows, jobs: jobs) { try parts[$0]() }
    }
    return StoredMatrix(rows: range.count, columns: columns, type: tensor.type, loan, pool)
  }

  func linear(_ name: String, _ inputSize: Int, _ outputSize: Int, bias: Bool) throws -> Linear {
    Linear(
      weight: try matrix("\(name).weight", outputSize, inputSize),
      bias: bias ? try floats("\(name).bias", [outputSize]) : nil, jobs: jobs,
      rounding: rounding)
  }

  /// A norm of the model's kind, over rows of `size` values.
  func norm(_ name: String, _ size: Int, _ architecture: Architecture) throws -> NormLayer {
    let weight = try floats("\(name).weight", [size])
    let epsilon = Float(architecture.norm.epsilon)
    switch architecture.norm.kind {
    case .layerNorm:
      return .layer(
        LayerNorm(weight: weight, bias: try floats("\(name).bias", [size]), epsilon: epsilon))
    case .rmsNorm: return .rms(RMSNorm(weight: weight, epsilon: epsilon))
    }
  }

  func rmsNorm(_ name: String, _ size: Int, epsilon: Double) throws -> RMSNorm {
    RMSNorm(weight: try floats("\(name).weight", [size]), epsilon: Float(epsilon))
  }

  /// Rows of a matrix by index, as 32-bit floats.
  ///
  /// Only the parts of the matrix that hold one of them are read, each once, in windows of a million values.
  func rows(_ indices: Set<Int>, of name: String, _ rows: Int, _ columns: Int) throws -> [Int:
    [Float]]
  {
    let windowRows = max(1, (1 << 20) / columns)
    let windows = Dictionary(grouping: indices) { $0 / windowRows }
    var found: [Int: [Float]] = [:]
    // In their order, so that the first error is always the same.
    for (window, indices) in windows.sorted(by: { $0.key < $1.key }) {
      let first = window * windowRows
      let matrix = try matrix(name, rows, columns, first..<min(rows, first + windowRows))
      for index in indices { found[index] = matrix.floats(row: index - first) }
    }
    return found
  }

  private func descriptor(_ name: String, _ dimensions: [Int]) throws -> TensorDescriptor {
    guard let tensor = source.tensors[name] else { throw ModelError.parameterMissing(name) }
    let expected = try Shape(dimensions)
    guard tensor.shape == expected else {
      throw ModelError.parameterShape(name, found: tensor.shape, expected: expected)
    }
    return tensor
  }

  private func requireMemory(_ name: String, _ byteCount: Int) throws(ModelError) {
    guard byteCount <= Limits.matrixBytes else {
      throw .parameterBeyondMemory(name, byteCount: byteCount, limit: Limits.matrixBytes)
    }
  }
}
