import HymbaFormat

/// A checkpoint as the bytes of a GGUF file's data: each tensor is one row of U8. Tensors are encoded while they
/// are read, in any range.
struct GGUFEncoding: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let types: NameTable<GGUFType>
  private let counting: Counting

  /// Is told what storing some elements of a tensor did to them. Each element is told once in a pass over the tensor.
  typealias Counting =
    @Sendable (_ counts: CastCounts, _ tensor: String, _ elements: Range<Int>) -> Void

  /// Elements that are encoded at a time.
  private static let pieceElements = 1 << 16

  /// - Parameters:
  ///   - source: F32 tensors.
  ///   - type: The type in which a tensor is stored.
  /// - Throws: ``GGUFWritingError`` for a tensor that cannot be stored so.
  init(
    _ source: any CheckpointSource, as type: (TensorDescriptor) -> GGUFType, counting: @escaping Counting
  ) throws {
    var types: NameTable<GGUFType> = [:]
    self.tensors = try TensorTable(
      source.tensors.map { tensor in
        let stored = type(tensor)
        let shape = tensor.shape.dimensions
        guard tensor.type == .float32 else {
          throw GGUFWritingError.notFloating(tensor: tensor.name, tensor.type)
        }
        guard (1...Limits.ggufRank).contains(shape.count) else {
          throw GGUFWritingError.rank(tensor: tensor.name, shape.count)
        }
        guard shape[shape.count - 1].isMultiple(of: stored.blockElements) else {
          throw GGUFWritingError.rows(tensor: tensor.name, stored)
        }
        types[tensor.name] = stored
        return try TensorDescriptor(
          name: tensor.name, type: .uint8,
          dimensions: [tensor.shape.elementCount / stored.blockElements * stored.blockBytes])
      })
    self.source = source
    self.types = types
    self.counting = counting
  }

  var location: String { source.location }
  var files: [SourceFile] { source.files }

  /// The shape of a tensor, outermost first, and the type in which it is stored.
  func stored(_ tensor: TensorDescriptor) -> (shape: [Int], type: GGUFType) {
    (source.tensors[tensor.name]?.shape.dimensions ?? [], types[tensor.name] ?? .f32)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    _ = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    guard let original = source.tensors[tensor.name], let type = types[tensor.name] else {
      throw FormatError.noSuchTensor(tensor.name)
    }
    guard type != .f32 else { return try source.read(original, from: offset, into: &buffer) }
    let end = (offset + buffer.byteCount + type.blockBytes - 1) / type.blockBytes
    var filled = 0
    while filled < buffer.byteCount {
      let first = (offset + filled) / type.blockBytes
      let count = min(max(1, Self.pieceElements / type.blockElements), end - first)
      let skipped = offset + filled - first * type.blockBytes
      // A block of which a part was read before was counted then.
      let bytes = try encoded(original, type, blocks: first..<first + count, isFirstCounted: skipped == 0)
      let copied = min(buffer.byteCount - filled, bytes.count - skipped)
      unsafe buffer.withUnsafeMutableBytes { target in
        unsafe target[filled..<filled + copied].copyBytes(from: bytes[skipped..<skipped + copied])
      }
      filled += copied
    }
  }

  private func encoded(
    _ tensor: TensorDescriptor, _ type: GGUFType, blocks: Range<Int>, isFirstCounted: Bool
  ) throws -> [UInt8] {
    let elements = blocks.lowerBound * type.blockElements..<blocks.upperBound * type.blockElements
    let values = try floats(tensor, elements)
    let bytes = try Self.stored(values, type, of: tensor.name)
    let skipped = isFirstCounted ? 0 : 1
    let counted = elements.dropFirst(skipped * type.blockElements)
    if !counted.isEmpty {
      counting(CastCounts(of: values, stored: bytes, as: type, fromBlock: skipped), tensor.name, counted)
    }
    return bytes
  }

  private static func stored(_ values: [Float], _ type: GGUFType, of tensor: String) throws -> [UInt8] {
    switch type {
    case .f16: return halves(values)
    case .bf16: return brains(values)
    case .q8_0:
      guard let bytes = GGUFQuantisation.q8_0(values) else { throw GGUFWritingError.notFinite(tensor: tensor) }
      return bytes
    default: throw GGUFWritingError.rows(tensor: tensor, type)
    }
  }

  private func floats(_ tensor: TensorDescriptor, _ elements: Range<Int>) throws -> [Float] {
    let bytes = try [UInt8](count: elements.count * 4) {
      try source.read(tensor, from: elements.lowerBound * 4, into: &$0)
    }
    let span = bytes.span
    return (0..<elements.count).map { Float(bitPattern: span.word(at: 4 * $0)) }
  }

  private static func halves(_ values: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * values.count)
    for value in values {
      let half = Float16(value)
      bytes.append(UInt8(truncatingIfNeeded: half.bitPattern))
      bytes.append(UInt8(truncatingIfNeeded: half.bitPattern >> 8))
    }
    return bytes
  }

  /// The upper halves, rounded to the nearest, ties to even. A NaN stays one.
  private static func brains(_ values: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * values.count)
    for value in values {
      let bits = value.bitPattern
      let rounded = value.isNaN ? bits >> 16 | 0x40 : (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
      bytes.append(UInt8(truncatingIfNeeded: rounded))
      bytes.append(UInt8(truncatingIfNeeded: rounded >> 8))
    }
    return bytes
  }
}

/// A GGUF file as the bytes of its data: each tensor is one row of U8.
struct GGUFStoredBytes: CheckpointSource {
  let tensors: TensorTable
  private let source: GGUFSource

  init(_ source: GGUFSource) throws {
    self.tensors = try TensorTable(
      source.tensors.map {
        try TensorDescriptor(name: $0.name, type: .uint8, dimensions: [source.storedBytes(of: $0)])
      })
    self.source = source
  }

  var location: String { source.location }
  var files: [SourceFile] { source.files }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let original = source.tensors[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    try source.readStored(original, from: offset, into: &buffer)
  }
}
