import HymbaFormat

/// Reads parameters of a checkpoint by name and checks that they have the shape that the model expects.
struct ParameterReader: Sendable {
  let source: any CheckpointSource
  let jobs: Int
  let pool: BufferPool
  /// Collects the reading of matrices for later; nil where matrices are read at once.
  private var parts: ReadAhead.Parts?
  /// The random rounding of the layers that this reader makes; nil for plain computation.
  var rounding: RandomRounding?
  /// The groups of the gated norms, where a pass tries another number than the architecture's; nil otherwise.
  var gatedNormGroups: Int?
  /// What the products of the layers take.
  var arithmetic = Arithmetic.float32
  /// The head whose attention weights the layers capture; nil for none.
  var keptHead: AttentionHead?

  init(source: any CheckpointSource, jobs: Int) {
    self.source = source
    self.jobs = jobs
    self.pool = BufferPool()
  }

  /// A reader whose matrices are not filled until `parts` have run.
  func deferring(to parts: ReadAhead.Parts) -> ParameterReader {
    var reader = self
    reader.parts = parts
    return reader
  }

  /// A reader that reads everything at once.
  var immediate: ParameterReader {
    var reader = self
    reader.parts = nil
    return reader
  }

  /// Reads a whole parameter as 32-bit floats. It is meant for vectors and other small parameters.
  ///
  /// - Throws: ``ModelError/parameterMissing(_:)``, ``ModelError/parameterShape(_:found:expected:)``,
  ///   ``ModelError/parameterType(_:_:)``, ``ModelError/parameterBeyondMemory(_:byteCount:limit:)``, and what
  ///   the source throws.
  func floats(_ name: String, _ dimensions: [Int]) throws -> [Float] {
    let tensor = try descriptor(name, dimensions)
    // Memory holds the parameter as it is stored and widened. It has so few elements that neither product
    // overflows.
    let size = max(tensor.type.byteSize, MemoryLayout<Float>.size)
    try requireMemory(name, tensor.shape.elementCount * size)
    let bytes = try source.bytes(of: tensor)
    guard let values = Widening.floats(bytes.raw, tensor.type) else {
      throw ModelError.parameterType(name, tensor.type)
    }
    return values
  }

  /// Reads a matrix in its stored type. Where the reading was deferred, its content is there once the parts
  /// have run.
  ///
  /// - Throws: As ``floats(_:_:)``.
  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> StoredMatrix {
    let tensor = try matrixDescriptor(name, rows, columns)
    try requireMemory(name, tensor.byteCount)
    let reading = try source.reading(of: tensor, .whole)
    let loan = pool.take(tensor.byteCount)
    try read(reading, windows: 0..<reading.windowCount, into: loan, from: 0)
    return StoredMatrix(rows: rows, columns: columns, type: tensor.type, loan, pool)
  }

  /// Reads windows of a tensor into a buffer, at once or deferred to the parts.
  ///
  /// - Parameter start: The byte of the tensor at which the buffer begins.
  /// - Throws: The errors of the source.
  func read(
    _ reading: any TensorReading, windows: Range<Int>, into loan: BufferPool.Loan, from start: Int
  ) throws {
    let new = windows.map { window -> ReadAhead.Part in
      let range = reading.range(ofWindow: window)
      return {
        try loan.buffer.withMutableBytes(range.lowerBound - start..<range.upperBound - start) {
          try reading.read(from: range.lowerBound, into: &$0)
        }
      }
    }
    if let parts { return parts.add(new) }
    _ = try Parallel.map(count: new.count, jobs: jobs) { try new[$0]() }
  }

  /// Reads a dense layer with the weight [outputSize, inputSize].
  ///
  /// - Throws: As ``floats(_:_:)``.
  func linear(_ name: String, _ inputSize: Int, _ outputSize: Int, bias: Bool) throws -> Linear {
    Linear(
      weight: try matrix("\(name).weight", outputSize, inputSize),
      bias: bias ? try floats("\(name).bias", [outputSize]) : nil, jobs: jobs,
      arithmetic: arithmetic, rounding: rounding)
  }

  /// Reads a norm of the model's kind, over rows of `size` values.
  ///
  /// - Throws: As ``floats(_:_:)``.
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

  /// The descriptor of a matrix of floating-point numbers.
  ///
  /// - Throws: ``ModelError/parameterMissing(_:)``, ``ModelError/parameterShape(_:found:expected:)``,
  ///   ``ModelError/parameterType(_:_:)``.
  func matrixDescriptor(
    _ name: String, _ rows: Int, _ columns: Int
  ) throws -> TensorDescriptor {
    let tensor = try descriptor(name, [rows, columns])
    guard tensor.type.isFloatingPoint else { throw ModelError.parameterType(name, tensor.type) }
    return tensor
  }

  private func descriptor(_ name: String, _ dimensions: [Int]) throws -> TensorDescriptor {
    guard let tensor = source.tensors[name] else { throw ModelError.parameterMissing(name) }
    let expected = try Shape(dimensions)
    guard tensor.shape == expected else {
      throw ModelError.parameterShape(name, found: tensor.shape, expected: expected)
    }
    return tensor
  }

  func requireMemory(_ name: String, _ byteCount: Int) throws(ModelError) {
    guard byteCount <= Limits.matrixBytes else {
      throw .parameterBeyondMemory(name, byteCount: byteCount, limit: Limits.matrixBytes)
    }
  }
}

extension ParameterReader {
  /// Makes a value from weights for each item, and uses it while the next one is read. At most two values are
  /// in memory.
  ///
  /// - Throws: The errors of `make` and `use`.
  func forEach<Item: Sendable, Value: Sendable>(
    _ items: [Item], make: @escaping @Sendable (Item, ParameterReader) throws -> Value,
    _ use: (Item, Value) throws -> Void
  ) throws {
    try ReadAhead.forEach(jobs: jobs) { number, parts -> (Item, Value)? in
      guard number < items.count else { return nil }
      return (items[number], try make(items[number], self.deferring(to: parts)))
    } _: { item, value in
      try use(item, value)
    }
  }
}
