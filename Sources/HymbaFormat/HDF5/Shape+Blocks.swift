#if HDF5
/// A block of a tensor whose elements follow each other in row-major order: its first element and its lengths,
/// along each dimension.
struct ShapeBlock: Equatable {
  var start: [Int]
  var count: [Int]

  var elementCount: Int { count.reduce(1, *) }
}

extension Shape {
  /// The blocks that make up the elements `range` of the flattened tensor, in order. From the first element on,
  /// the blocks grow until they are whole steps of the outermost dimension that fits, and then shrink again.
  /// There are at most two for each dimension.
  ///
  /// - Precondition: `range` lies within the tensor.
  func blocks(_ range: Range<Int>) -> [ShapeBlock] {
    // The elements of one step along each dimension.
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    guard rank > 0 else { return range.isEmpty ? [] : [ShapeBlock(start: [], count: [])] }
    var blocks: [ShapeBlock] = []
    var position = range.lowerBound
    while position < range.upperBound {
      // The outermost dimension along which a whole step fits; the innermost always does.
      let axis =
        strides.firstIndex {
          position.isMultiple(of: $0) && range.upperBound - position >= $0
        } ?? rank - 1
      let start = zip(strides, dimensions).map { position / $0 % $1 }
      let steps = min(
        dimensions[axis] - start[axis], (range.upperBound - position) / strides[axis])
      blocks.append(
        ShapeBlock(
          start: start,
          count: dimensions.indices.map { $0 < axis ? 1 : $0 == axis ? steps : dimensions[$0] }))
      position += steps * strides[axis]
    }
    return blocks
  }
}
#endif
