import HymbaFormat

/// A checkpoint in which the numbers of some tensors are computed while they are read: the parameters of what a
/// file holds in their place, or the other way round. The computed tensors are F32.
///
/// Any range can be read. A read in progress holds one window of the source in memory.
struct ValueSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let values: NameTable<ParameterValues>
  /// Whether the parameters are the result, and not the source.
  private let undoes: Bool

  /// The number of elements that are computed at a time by a read of any range.
  private static let pieceElements = 1 << 18

  /// A kept number stands for a computed one from which it differs by at most this part. The logarithm and its
  /// inverse, each rounded to F32, lose less; a rounding to a smaller type in between loses more.
  private static let keptDifference: Float = 0x1p-19

  /// The parameters, where `source` has under their names what a checkpoint holds in place of them.
  /// - Throws: ``ConversionError/cannotCast(_:_:)`` for a tensor that is no floating-point tensor.
  static func undoing(
    _ moves: [Move], in source: any CheckpointSource
  ) throws -> any CheckpointSource { try make(moves, source, undoes: true) }

  /// What a checkpoint holds in place of the parameters in `source`, still under the names of the parameters.
  /// - Throws: As ``undoing(_:in:)``.
  static func doing(
    _ moves: [Move], in source: any CheckpointSource
  ) throws -> any CheckpointSource { try make(moves, source, undoes: false) }

  private static func make(
    _ moves: [Move], _ source: any CheckpointSource, undoes: Bool
  ) throws -> any CheckpointSource {
    let values = moves.compactMap(ParameterValues.init)
    return values.isEmpty ? source : try ValueSource(source, values, undoes: undoes)
  }

  private init(_ source: any CheckpointSource, _ values: [ParameterValues], undoes: Bool) throws {
    var table: NameTable<ParameterValues> = [:]
    for value in values { table[value.parameter] = value }
    self.tensors = try TensorTable(
      source.tensors.map { tensor in
        guard table[tensor.name] != nil else { return tensor }
        guard tensor.type.isFloatingPoint else {
          throw ConversionError.cannotCast(tensor.name, tensor.type)
        }
        return try TensorDescriptor(name: tensor.name, type: .float32, shape: tensor.shape)
      })
    self.source = source
    self.values = table
    self.undoes = undoes
  }

  var location: String { source.location }
  var metadata: NameTable<String> { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  var notes: [String] { source.notes }
  var leftAside: [LeftAside] { source.leftAside }
  var files: [SourceFile] { source.files }

  func storedBytes(of tensor: TensorDescriptor) -> Int {
    source.tensors[tensor.name].map(source.storedBytes) ?? 0
  }

  func storedType(of tensor: TensorDescriptor) -> String? {
    source.tensors[tensor.name].flatMap(source.storedType)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let values = values[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.read(tensor, from: offset, into: &buffer)
    }
    try elements(of: original, as: tensor, values).read(
      from: offset, into: &buffer, piece: Self.pieceElements
    ) { offset, bytes in
      try source.read(original, from: offset, into: &bytes)
    }
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let values = values[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.reading(of: tensor, purpose)
    }
    return ComputedReading(
      elements: elements(of: original, as: tensor, values),
      original: try source.reading(of: original, purpose))
  }

  private func elements(
    of original: TensorDescriptor, as tensor: TensorDescriptor, _ values: ParameterValues
  ) -> ComputedElements {
    let width = tensor.shape.dimensions.dropFirst().reduce(1, *)
    return ComputedElements(original: original, tensor: tensor) { bytes, elements, target in
      FloatCast.cast(bytes, original.type, to: .float32, into: &target)
      var numbers = target.floats
      if undoes {
        for map in values.maps {
          if let index = map.undo(&numbers, first: elements.lowerBound, width: width) {
            throw ConversionError.noParameter(
              tensor.name, value: numbers[index], at: elements.lowerBound + index)
          }
        }
      } else {
        for map in values.maps.reversed() {
          map.do(&numbers, first: elements.lowerBound, width: width)
        }
        try restore(values.kept, elements, in: &numbers)
      }
      target.store(numbers)
    }
  }

  /// Puts the numbers that were kept beside the parameter in the places of those computed of it. A number that
  /// differs by more than rounding is not of this parameter, and stays aside.
  private func restore(_ name: String?, _ elements: Range<Int>, in numbers: inout [Float]) throws {
    guard let name, let kept = source.tensors[name], kept.type == .float32,
      kept.shape.elementCount >= elements.upperBound
    else { return }
    let bytes = try [UInt8](count: elements.count * 4) {
      try source.read(kept, from: elements.lowerBound * 4, into: &$0)
    }
    for (index, value) in bytes.raw.floats.enumerated()
    where abs(value - numbers[index]) <= abs(numbers[index]) * Self.keptDifference {
      numbers[index] = value
    }
  }
}

extension RawSpan {
  /// The bytes as numbers of 32 bits.
  var floats: [Float] {
    (0..<byteCount / 4).map { index in
      // Every bit pattern is a valid integer, and the access checks its bounds.
      Float(bitPattern: UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
    }
  }
}

extension MutableRawSpan {
  fileprivate var floats: [Float] { bytes.floats }

  fileprivate mutating func store(_ numbers: [Float]) {
    for (index, number) in numbers.enumerated() {
      storeBytes(of: number.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
    }
  }
}
