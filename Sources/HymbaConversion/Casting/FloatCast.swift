package import HymbaFormat

/// Casts floating-point elements from one type to another.
package enum FloatCast {
  /// Fills `target` with the elements of `source`, one for one, rounded by ``FloatCode/encode(_:)``.
  ///
  /// - Parameters:
  ///   - type: The floating-point type of the elements of `source`.
  ///   - targetType: The type of the elements of `target`.
  /// - Returns: What rounding did to the elements.
  @discardableResult
  package static func cast(
    _ source: RawSpan, _ type: ElementType, to targetType: CastType,
    into target: inout MutableRawSpan
  ) -> CastCounts {
    switch type {
    case .float64: decoding(Float64Code.self, source, targetType, &target)
    case .float32: decoding(Float32Code.self, source, targetType, &target)
    case .float16: decoding(Float16Code.self, source, targetType, &target)
    case .bfloat16: decoding(BFloat16Code.self, source, targetType, &target)
    case .float8E4M3: decoding(Float8E4M3Code.self, source, targetType, &target)
    case .float8E5M2: decoding(Float8E5M2Code.self, source, targetType, &target)
    // Only floating-point tensors are cast.
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .bool: CastCounts()
    case .complex64, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ, .float6E2M3, .float6E3M2,
      .float4:
      CastCounts()
    }
  }

  // There is one concrete loop for each pair of types: an unspecialised generic loop is far slower.
  @inline(__always)
  private static func decoding<Source: FloatDecoding>(
    _: Source.Type, _ source: RawSpan, _ type: CastType, _ target: inout MutableRawSpan
  ) -> CastCounts {
    switch type {
    case .float64: loop(Source.self, Float64Code.self, source, &target)
    case .float32: loop(Source.self, Float32Code.self, source, &target)
    case .float16: loop(Source.self, Float16Code.self, source, &target)
    case .bfloat16: loop(Source.self, BFloat16Code.self, source, &target)
    }
  }

  @inline(__always)
  private static func loop<Source: FloatDecoding, Target: FloatCode>(
    _: Source.Type, _: Target.Type, _ source: RawSpan, _ target: inout MutableRawSpan
  ) -> CastCounts {
    let sourceSize = MemoryLayout<Source.Word>.size
    let targetSize = MemoryLayout<Target.Word>.size
    // No access lies outside of either buffer, whatever their sizes are.
    let count = min(source.byteCount / sourceSize, target.byteCount / targetSize)
    var counts = CastCounts()
    unsafe source.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBytes { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for index in 0..<count {
          let word = unsafe Source.Word(
            littleEndian: source.loadUnaligned(
              fromByteOffset: index &* sourceSize, as: Source.Word.self))
          let value = Source.decode(word)
          let result = Target.encode(value)
          unsafe target.storeBytes(
            of: result.littleEndian, toByteOffset: index &* targetSize, as: Target.Word.self)
          let magnitude = result & (Target.Word.max >> 1)
          counts.nonzero &+= value != 0 ? 1 : 0
          counts.flushed &+= magnitude == 0 && value != 0 ? 1 : 0
          counts.overflowed &+= magnitude == Target.infinity && value.isFinite ? 1 : 0
        }
      }
    }
    return counts
  }
}
