import HymbaFormat

extension ComputedSource {
  /// A checkpoint whose tensors are cast while they are read. Each element is rounded by itself.
  ///
  /// - Parameter tally: Counts what happens to the elements that are read.
  /// - Throws: ``ConversionError/keepsNothing(_:)`` for a pattern of `keepF32` that matches no floating-point
  ///   tensor, ``ConversionError/cannotCast(_:_:)`` for a tensor whose type has no readable values.
  init(_ source: any CheckpointSource, _ cast: Cast, tally: CastTally) throws {
    let floats = source.tensors.filter(\.type.isFloatingPoint)
    if let opaque = source.tensors.first(where: \.type.isOpaque) {
      throw ConversionError.cannotCast(opaque.name, opaque.type)
    }
    for glob in cast.keepF32 where !floats.contains(where: { glob.matches($0.name) }) {
      throw ConversionError.keepsNothing(glob.pattern)
    }
    try self.init(source) { original in
      guard let target = cast.target(of: original) else { return nil }
      return ComputedElements(
        original: original,
        tensor: try TensorDescriptor(name: original.name, type: target.elementType, shape: original.shape)
      ) { bytes, elements, buffer in
        let counts = FloatCast.cast(bytes, original.type, to: target, into: &buffer)
        tally.add(counts, of: original.name, elements)
      }
    }
  }
}
