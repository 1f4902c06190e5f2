import HymbaFormat

/// Reads parameters of a checkpoint by name, with the shape that the model expects.
struct ParameterReader: Sendable {
  let source: any CheckpointSource
  let jobs: Int
  let pool: BufferPool
  /// Takes the reading of matrices, where that is left for later.
  private var parts: ReadAhead.Parts?
  /// What the layers that it makes round with at random; nil where they compute as they are.
  var rounding: RandomRounding?

  init(source: any CheckpointSource, jobs: Int) {
    self.source = source
    self.jobs = jobs
    self.pool = BufferPool()
  }

  /// A reader whose matrices are filled once `parts` have run.
  func deferring(to parts: ReadAhead.Parts) -> ParameterReader {
    var reader = self
    reader.parts = parts
    return reader
  }

  /// A reader that leaves nothing for later.
  var immediate: ParameterReader {
    var reader = self
    reader.parts = nil
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

  /// A matrix as it is stored; its content is there once parts that it was left to have run.
  ///
  /// - Throws: as ``floats(_:_:)``.
  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> StoredMatrix {
    let tensor = try matrixDescriptor(name, rows, columns)
    try requireMemory(name, tensor.byteCount)
    let reading = try source.reading(of: tensor, .whole)
    let loan = pool.take(tensor.byteCount)
    try read(reading, windows: 0..<reading.windowCount, into: loan, from: 0)
    return StoredMatrix(rows: rows, columns: columns, type: tensor.type, loan, pool)
  }

  /// Reads windows into a buffer that begins with byte `start` of the tensor, now or by parts.
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
  /// Makes a value of weights for each item and uses it while the next one is read: at most two are in
  /// memory.
  /// - Throws: what `make` and `use` throw.
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
