import HymbaFormat

/// Checkpoints whose parameters are computed of what a file holds in their place, or the other way round. What is
/// computed is F32.
extension ComputedSource {
  /// The parameters, where `source` has under their names what a checkpoint holds in place of them.
  /// - Throws: ``ConversionError/cannotCast(_:_:)`` for a tensor that is no floating-point tensor. A read throws
  ///   ``ConversionError/noParameter(_:value:at:)`` for a number that no parameter gives.
  static func undoing(
    _ moves: [Move], in source: any CheckpointSource
  ) throws -> any CheckpointSource {
    try computing(moves, in: source) { values, name, numbers, elements, width in
      for map in values.maps {
        guard let index = map.undo(&numbers, first: elements.lowerBound, width: width) else { continue }
        throw ConversionError.noParameter(name, value: numbers[index], at: elements.lowerBound + index)
      }
    }
  }

  /// What a checkpoint holds in place of the parameters in `source`, still under the names of the parameters.
  /// - Parameter acceptsLoss: Whether a number that does not come back is NaN, and no error.
  /// - Throws: ``ConversionError/cannotCast(_:_:)`` for a tensor that is no floating-point tensor. A read throws
  ///   ``ConversionError/doesNotComeBack(_:value:at:what:result:)`` for a number from whose computation it does not
  ///   come back.
  static func doing(
    _ moves: [Move], in source: any CheckpointSource, acceptsLoss: Bool = false
  ) throws -> any CheckpointSource {
    try computing(moves, in: source) { values, name, numbers, elements, width in
      for map in values.maps.reversed() {
        let originals = numbers
        guard let lost = map.do(&numbers, first: elements.lowerBound, width: width), !acceptsLoss else { continue }
        throw ConversionError.doesNotComeBack(
          name, value: originals[lost.index], at: elements.lowerBound + lost.index, what: map.computation,
          result: lost.result)
      }
      try restore(values.kept, of: source, elements, in: &numbers)
    }
  }

  /// Computes some elements of a parameter in place.
  private typealias Computation =
    @Sendable (
      _ values: ParameterValues, _ name: String, _ numbers: inout [Float], _ elements: Range<Int>,
      _ rowWidth: Int
    ) throws -> Void

  private static func computing(
    _ moves: [Move], in source: any CheckpointSource, _ compute: @escaping Computation
  ) throws -> any CheckpointSource {
    var table: NameTable<ParameterValues> = [:]
    for values in moves.compactMap(ParameterValues.init) { table[values.parameter] = values }
    guard !table.isEmpty else { return source }
    return try ComputedSource(source) { original in
      guard let values = table[original.name] else { return nil }
      guard original.type.isFloatingPoint else {
        throw ConversionError.cannotCast(original.name, original.type)
      }
      let width = original.shape.dimensions.dropFirst().reduce(1, *)
      return ComputedElements(
        original: original,
        tensor: try TensorDescriptor(name: original.name, type: .float32, shape: original.shape)
      ) { bytes, elements, target in
        let counts = FloatCast.cast(bytes, original.type, to: .float32, into: &target)
        guard counts.overflowed == 0 else {
          throw ConversionError.castOverflows(counts.overflowed, inTensor: original.name, type: .cast(.float32))
        }
        var numbers = target.floats
        try compute(values, original.name, &numbers, elements, width)
        target.store(numbers)
      }
    }
  }

  /// A kept number stands for a computed one from which it differs by at most this part. The logarithm and its
  /// inverse, each rounded to F32, lose less; a rounding to a smaller type in between loses more.
  private static var keptDifference: Float { 0x1p-19 }

  /// Puts the numbers that were kept beside the parameter in the places of those computed of it. A number that
  /// differs by more than rounding is not of this parameter, and stays aside.
  private static func restore(
    _ name: String?, of source: any CheckpointSource, _ elements: Range<Int>, in numbers: inout [Float]
  ) throws {
    guard let name, let kept = source.tensors[name], kept.type == .float32,
      kept.shape.elementCount >= elements.upperBound
    else { return }
    let bytes = try [UInt8](count: elements.count * 4) {
      try source.read(kept, from: elements.lowerBound * 4, into: &$0)
    }
    for (index, value) in bytes.raw.floats.enumerated()
    where abs(value - numbers[index]) <= abs(numbers[index]) * keptDifference {
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
