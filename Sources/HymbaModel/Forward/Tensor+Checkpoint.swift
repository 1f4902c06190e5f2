public import HymbaFormat

extension Tensor {
  /// Reads one tensor of floating-point numbers as 32-bit floats.
  /// - Throws: ``ModelError/inputMissing(_:)``, ``ModelError/parameterType(_:_:)``, what the source throws.
  public init(_ name: String, from source: any CheckpointSource) throws {
    guard let tensor = source.tensors[name] else { throw ModelError.inputMissing(name) }
    let bytes = try source.bytes(of: tensor)
    guard let values = Widening.floats(bytes.raw, tensor.type) else {
      throw ModelError.parameterType(name, tensor.type)
    }
    self.init(tensor.shape.dimensions, values)
  }
}

/// What was computed, and the input, as a source, so that it can be written to a file.
public struct TensorStore: CheckpointSource {
  public let location = "memory"
  public let tensors: TensorTable
  public let files: [SourceFile] = []
  private let values: [String: Tensor]
  /// Token ids, under `input_ids`.
  private let ids: [Int]

  /// - Throws: ``FormatError`` for names that cannot be stored.
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
      for position in 0..<buffer.byteCount {
        let (index, byte) = (offset + position).quotientAndRemainder(dividingBy: 8)
        buffer.storeBytes(
          of: UInt8(truncatingIfNeeded: ids[index] >> (8 * byte)), toByteOffset: position,
          as: UInt8.self)
      }
      return
    }
    guard let values = values[tensor.name]?.values else {
      throw ModelError.inputMissing(tensor.name)
    }
    buffer.fillWithFloats(from: offset) { values[$0] }
  }
}

extension MutableRawSpan {
  /// Fills the buffer with the little-endian bytes of numbers, from byte `offset` of all of them on: a range
  /// may begin and end within a number.
  mutating func fillWithFloats(from offset: Int, _ value: (_ index: Int) -> Float) {
    let end = offset + byteCount
    for index in offset / 4..<(end + 3) / 4 {
      let pattern = value(index).bitPattern.littleEndian
      let start = index * 4
      if start >= offset && start + 4 <= end {
        storeBytes(of: pattern, toByteOffset: start - offset, as: UInt32.self)
      } else {
        for byte in max(start, offset)..<min(start + 4, end) {
          let shifted = UInt8(
            truncatingIfNeeded: pattern.littleEndian >> UInt32(8 * (byte - start)))
          storeBytes(of: shifted, toByteOffset: byte - offset, as: UInt8.self)
        }
      }
    }
  }
}
