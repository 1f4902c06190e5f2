import HymbaFormat

/// Section 6 of the container's specification in arithmetic: each element is a number, a float's is doubled
/// modulo its width with the lost top bit added, and plane p holds its bytes of significance w - 1 - p.
enum ReferencePlanes {
  static let rotated: Set<ElementType> = [
    .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2,
  ]

  static let width: [ElementType: Int] = [
    .float64: 8, .int64: 8, .uint64: 8, .float32: 4, .int32: 4, .uint32: 4, .float16: 2,
    .bfloat16: 2,
    .int16: 2, .uint16: 2, .float8E4M3: 1, .float8E5M2: 1, .int8: 1, .uint8: 1, .bool: 1,
  ]

  static func split(_ bytes: [UInt8], _ type: ElementType) -> [UInt8] {
    let width = Self.width[type] ?? 0
    let numbers = stride(from: 0, to: bytes.count, by: width).map { start -> UInt64 in
      var number: UInt64 = 0
      for position in (0..<width).reversed() {
        number = number * 256 + UInt64(bytes[start + position])
      }
      guard rotated.contains(type) else { return number }
      let top = number >> UInt64(8 * width - 1)
      let mask = width == 8 ? UInt64.max : (1 << UInt64(8 * width)) - 1
      return (number &* 2) & mask + top
    }
    return (0..<width).flatMap { plane in
      numbers.map { UInt8(truncatingIfNeeded: $0 >> UInt64(8 * (width - 1 - plane))) }
    }
  }

  static func merge(_ planes: [UInt8], _ type: ElementType) -> [UInt8] {
    let width = Self.width[type] ?? 0
    let count = planes.count / width
    return (0..<count).flatMap { element -> [UInt8] in
      var number: UInt64 = 0
      for plane in 0..<width { number = number * 256 + UInt64(planes[plane * count + element]) }
      if rotated.contains(type) {
        number = number / 2 + (number % 2) << UInt64(8 * width - 1)
      }
      return littleEndianBytes(number, count: width)
    }
  }
}
