import HymbaFormat

/// The shape and the bytes of a tensor that steps work on.
struct RawTensor: Sendable {
  var dimensions: [Int]
  var bytes: [UInt8]
}

extension TransformStep {
  /// Applies the step to data. The shapes were checked by ``shapes(_:of:)``.
  ///
  /// - Parameters:
  ///   - elementSize: The bytes of an element.
  ///   - names: The names of the tensors, for the message when copies differ.
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``.
  func apply(
    _ tensors: [RawTensor], elementSize: Int, names: [String]
  ) throws(ConversionError) -> [RawTensor] {
    switch self {
    case .permute(let axes):
      return tensors.map { Self.permute($0, axes, elementSize) }
    case .reshape(_, let to):
      return tensors.map { RawTensor(dimensions: to, bytes: $0.bytes) }
    case .join(let axis, _): return [Self.join(tensors, axis, elementSize)]
    case .split(let axis, let sizes):
      return tensors.flatMap { Self.split($0, axis, sizes, elementSize) }
    case .stack(let count):
      return [
        RawTensor(
          dimensions: [count] + (tensors.first?.dimensions ?? []), bytes: tensors.flatMap(\.bytes))
      ]
    case .unstack(let count):
      return tensors.flatMap { tensor in
        let size = tensor.bytes.count / max(1, count)
        return (0..<count).map { index in
          RawTensor(
            dimensions: Array(tensor.dimensions.dropFirst()),
            bytes: Array(tensor.bytes[index * size..<(index + 1) * size]))
        }
      }
    case .same:
      guard let first = tensors.first else { return [] }
      for (index, tensor) in tensors.enumerated() where tensor.bytes != first.bytes {
        throw .copiesDiffer(names[0], names.indices.contains(index) ? names[index] : "a copy")
      }
      return [first]
    case .repeat(let count):
      return tensors.flatMap { [RawTensor](repeating: $0, count: count) }
    }
  }

  private static func join(_ tensors: [RawTensor], _ axis: Int, _ elementSize: Int) -> RawTensor {
    var dimensions = tensors[0].dimensions
    dimensions[axis] = tensors.reduce(0) { $0 + $1.dimensions[axis] }
    let outer = dimensions[..<axis].reduce(1, *)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(dimensions.reduce(elementSize, *))
    for row in 0..<outer {
      for tensor in tensors {
        let size = tensor.dimensions[axis...].reduce(elementSize, *)
        bytes += tensor.bytes[row * size..<(row + 1) * size]
      }
    }
    return RawTensor(dimensions: dimensions, bytes: bytes)
  }

  private static func split(
    _ tensor: RawTensor, _ axis: Int, _ sizes: [Int], _ elementSize: Int
  ) -> [RawTensor] {
    let outer = tensor.dimensions[..<axis].reduce(1, *)
    let inner = tensor.dimensions[(axis + 1)...].reduce(elementSize, *)
    let rowBytes = tensor.dimensions[axis] * inner
    var start = 0
    return sizes.map { size in
      defer { start += size * inner }
      var part = RawTensor(dimensions: tensor.dimensions, bytes: [])
      part.dimensions[axis] = size
      for row in 0..<outer {
        part.bytes += tensor.bytes[row * rowBytes + start..<row * rowBytes + start + size * inner]
      }
      return part
    }
  }

  private static func permute(
    _ tensor: RawTensor, _ axes: [Int], _ elementSize: Int
  ) -> RawTensor {
    // A scalar has no order.
    guard !axes.isEmpty else { return tensor }
    var strides = [Int](repeating: elementSize, count: axes.count)
    for axis in strides.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * tensor.dimensions[axis + 1]
    }
    let dimensions = axes.map { tensor.dimensions[$0] }
    let steps = axes.map { strides[$0] }
    let bytes = [UInt8](count: tensor.bytes.count) { target in
      switch elementSize {
      case 1: gather(UInt8.self, tensor.bytes.raw, dimensions, steps, into: &target)
      case 2: gather(UInt16.self, tensor.bytes.raw, dimensions, steps, into: &target)
      case 4: gather(UInt32.self, tensor.bytes.raw, dimensions, steps, into: &target)
      default: gather(UInt64.self, tensor.bytes.raw, dimensions, steps, into: &target)
      }
    }
    return RawTensor(dimensions: dimensions, bytes: bytes)
  }

  /// Writes the elements in row-major order of `dimensions`. Neighbours along an axis are `steps` bytes apart
  /// in the source.
  private static func gather<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ source: RawSpan, _ dimensions: [Int], _ steps: [Int],
    into target: inout MutableRawSpan
  ) {
    guard let count = dimensions.last, let step = steps.last, !dimensions.contains(0) else {
      return
    }
    var index = [Int](repeating: 0, count: dimensions.count)
    var written = 0
    var from = 0
    while true {
      for element in 0..<count {
        // Every bit pattern is a valid integer, and both accesses check their bounds.
        let word = unsafe source.unsafeLoadUnaligned(
          fromByteOffset: from + element * step, as: Word.self)
        target.storeBytes(of: word, toByteOffset: written, as: Word.self)
        written += MemoryLayout<Word>.size
      }
      // The next row: the indices of all axes but the last count up like an odometer.
      var axis = dimensions.count - 2
      while axis >= 0 {
        index[axis] += 1
        from += steps[axis]
        if index[axis] < dimensions[axis] { break }
        from -= steps[axis] * dimensions[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
