import PlaneKernels

/// The rearrangement that makes tensors compressible. A plane holds the bytes of equal significance of all
/// elements; the most significant plane is first.
///
/// Trained weights differ little in their exponents, which sit in the top bits behind the sign. So floats are
/// first rotated left by one bit within their own width: the sign moves to the bottom bit and the exponent to
/// the top. The mantissa planes are noise and are stored as they are.
enum ElementPlanes {
  /// The number of planes of a tensor of this type: the bytes of one element.
  static func count(for type: ElementType) -> Int { type.byteSize }

  /// Splits elements into planes. Both buffers have the same size, a multiple of the element's size.
  static func split(_ elements: RawSpan, _ type: ElementType, into planes: inout MutableRawSpan) {
    let count = elements.byteCount / type.byteSize
    let rotation: UInt32 = type.isFloatingPoint ? 1 : 0
    unsafe elements.withUnsafeBytes { source in
      unsafe planes.withUnsafeMutableBytes { target in
        // Both buffers hold count * byteSize bytes, and no function goes further.
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        switch type.byteSize {
        case 1: unsafe hymba_split_8(source, count, rotation, target)
        case 2: unsafe hymba_split_16(source, count, rotation, target)
        case 4: unsafe hymba_split_32(source, count, rotation, target)
        default: unsafe hymba_split_64(source, count, rotation, target)
        }
      }
    }
  }

  /// Merges planes into elements: the inverse of ``split(_:_:into:)``.
  static func merge(_ planes: RawSpan, _ type: ElementType, into elements: inout MutableRawSpan) {
    let count = planes.byteCount / type.byteSize
    let rotation: UInt32 = type.isFloatingPoint ? 1 : 0
    unsafe planes.withUnsafeBytes { source in
      unsafe elements.withUnsafeMutableBytes { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        switch type.byteSize {
        case 1: unsafe hymba_merge_8(source, count, rotation, target)
        case 2: unsafe hymba_merge_16(source, count, rotation, target)
        case 4: unsafe hymba_merge_32(source, count, rotation, target)
        default: unsafe hymba_merge_64(source, count, rotation, target)
        }
      }
    }
  }
}
