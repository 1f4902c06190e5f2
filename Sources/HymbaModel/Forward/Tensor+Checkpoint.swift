public import HymbaFormat

extension Tensor {
  /// Reads one tensor of floating-point numbers as 32-bit floats.
  ///
  /// - Throws: ``ModelError/inputMissing(_:)``, ``ModelError/parameterType(_:_:)``,
  ///   ``ModelError/tensorBeyondMemory(_:byteCount:limit:)``, and the errors of the source.
  public init(_ name: String, from source: any CheckpointSource) throws {
    guard let tensor = source.tensors[name] else { throw ModelError.inputMissing(name) }
    guard tensor.type.isFloatingPoint else { throw ModelError.parameterType(name, tensor.type) }
    try tensor.requireMemory(bytesPerElement: MemoryLayout<Float>.size)
    let bytes = try source.bytes(of: tensor)
    guard let values = Widening.floats(bytes.raw, tensor.type) else {
      throw ModelError.parameterType(name, tensor.type)
    }
    self.init(tensor.shape.dimensions, values)
  }
}

extension TensorDescriptor {
  /// Checks that a tensor is small enough to be read whole. Without a limit, a small file with a compressed
  /// tensor could ask for any amount of memory.
  ///
  /// - Parameter bytesPerElement: The bytes that are made of each element, beside the tensor in its stored
  ///   type.
  /// - Throws: ``ModelError/tensorBeyondMemory(_:byteCount:limit:)``.
  package func requireMemory(bytesPerElement: Int) throws(ModelError) {
    let limit = Limits.matrixBytes / (bytesPerElement + type.byteSize)
    guard shape.elementCount <= limit else {
      throw .tensorBeyondMemory(
        name, byteCount: max(byteCount, shape.elementCount.multipliedSaturating(bytesPerElement)),
        limit: Limits.matrixBytes)
    }
  }
}

extension Int {
  fileprivate func multipliedSaturating(_ other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}

extension CheckpointSource {
  /// Passes the numbers of a tensor to `body` in order, as 32-bit floats, up to a million at a time. Up to
  /// `jobs` threads read the next ones meanwhile.
  ///
  /// - Throws: ``ModelError/parameterType(_:_:)``, and the errors of the source and of `body`.
  /// - Complexity: Reads the tensor once.
  package func forEachFloats(
    of tensor: TensorDescriptor, jobs: Int, _ body: ([Float]) throws -> Void
  ) throws {
    try forEachWindow(of: [tensor], jobs: jobs) { window in
      guard let values = Widening.floats(window.bytes.raw, tensor.type) else {
        throw ModelError.parameterType(tensor.name, tensor.type)
      }
      try body(values)
    }
  }
}

/// A source of computed tensors and of the input, so that they can be written to a file.
public struct TensorStore: CheckpointSource {
  public let location = "memory"
  public let tensors: TensorTable
  public let files: [SourceFile] = []
  private let values: [String: Tensor]
  /// The token ids, which are stored under `input_ids`.
  private let ids: [Int]

  /// - Parameters:
  ///   - values: The tensors by name.
  ///   - input: Stored as `input` or `input_ids`.
  /// - Throws: `FormatError` for names that cannot be stored.
  public init(_ values: [String: Tensor], input: InputBatch? = nil) throws(FormatError) {
    var values = values
    var descriptors: [TensorDescriptor] = []
    var ids: [Int] = []
    switch input {
    case .features(let tensor)?: values["input"] = tensor
    case .tokens(let tokens, _)?:
      descriptors.append(
        try TensorDescriptor(name: "input_ids", type: .int64, dimensions: input?.dimensions ?? []))
      ids = tokens
    case nil: break
    }
    for (name, tensor) in values.sorted(by: { $0.key.utf8Precedes($1.key) }) {
      descriptors.append(
        try TensorDescriptor(name: name, type: .float32, dimensions: tensor.dimensions))
    }
    self.tensors = try TensorTable(descriptors)
    self.values = values
    self.ids = ids
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    if tensor.name == "input_ids" {
      buffer.fill(from: offset) { UInt64(bitPattern: Int64(ids[$0])) }
      return
    }
    guard let values = values[tensor.name]?.values else {
      throw ModelError.inputMissing(tensor.name)
    }
    buffer.fill(from: offset) { values[$0].bitPattern }
  }
}

extension MutableRawSpan {
  /// Fills the buffer with little-endian words.
  ///
  /// - Parameters:
  ///   - offset: The byte of the sequence of all words at which the buffer begins. The buffer may begin and end
  ///     within a word.
  ///   - word: The word with an index.
  mutating func fill<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    from offset: Int, _ word: (_ index: Int) -> Word
  ) {
    let size = MemoryLayout<Word>.size
    let end = offset + byteCount
    for index in offset / size..<(end + size - 1) / size {
      let value = word(index)
      let start = index * size
      if start >= offset && start + size <= end {
        storeBytes(of: value.littleEndian, toByteOffset: start - offset, as: Word.self)
      } else {
        for byte in max(start, offset)..<min(start + size, end) {
          storeBytes(
            of: UInt8(truncatingIfNeeded: value >> Word(8 * (byte - start))),
            toByteOffset: byte - offset, as: UInt8.self)
        }
      }
    }
  }
}
