/// Makes blocks of numbers. The rules are those of llama.cpp's converter, so the bytes are the same.
package enum GGUFQuantisation {
  /// The blocks of Q8_0 that hold `values`, each of 32 values in 34 bytes.
  ///
  /// The scale of a block is its largest magnitude / 127. The values are divided by it and rounded, halves away
  /// from zero. Then the scale is rounded to F16.
  /// - Precondition: The number of values is a multiple of 32.
  /// - Returns: Nil where a value is not finite, or so large that F16 has no such scale (above 8.3e6).
  package static func q8_0(_ values: [Float]) -> [UInt8]? {
    precondition(values.count % Q8_0.elements == 0, "whole blocks")
    let count = values.count / Q8_0.elements
    var bytes = [UInt8](repeating: 0, count: count * Q8_0.bytes)
    var span = bytes.mutableSpan
    for index in 0..<count {
      let block = values.span.extracting(index * Q8_0.elements..<(index + 1) * Q8_0.elements)
      var stored = span._mutatingExtracting(index * Q8_0.bytes..<(index + 1) * Q8_0.bytes)
      guard Q8_0.encode(block, into: &stored) else { return nil }
    }
    return bytes
  }
}

extension Q8_0 {
  /// Writes the block that holds `values`.
  /// - Returns: False where there is none.
  fileprivate static func encode(_ values: Span<Float>, into block: inout MutableSpan<UInt8>) -> Bool {
    // Magnitudes are in the order of their bit patterns, and those of infinity and NaN are the last.
    var largest: UInt32 = 0
    for j in 0..<32 { largest = max(largest, values[j].bitPattern & 0x7FFF_FFFF) }
    let scale = Float(bitPattern: largest) / 127
    let half = Float16(scale)
    guard half.isFinite else { return false }
    block[0] = UInt8(truncatingIfNeeded: half.bitPattern)
    block[1] = UInt8(truncatingIfNeeded: half.bitPattern >> 8)
    // The reciprocal of the smallest scales is infinite. F16 makes zero of these scales anyway.
    let reciprocal = 1 / scale
    let factor = reciprocal.isFinite ? reciprocal : 0
    for j in 0..<32 { block[2 + j] = rounded(values[j] * factor) }
    return true
  }

  /// The nearest whole number as a byte with sign, halves away from zero.
  ///
  /// The library's function for this is a call for each number, and four times slower.
  /// - Precondition: The magnitude is below 128.
  @inline(__always)
  private static func rounded(_ value: Float) -> UInt8 {
    let magnitude = abs(value)
    // A sum with 2^23 has no fraction. Its lowest bits are the number, with halves rounded to even.
    let sum = magnitude + 0x1p23
    let isHalfRoundedDown = magnitude - (sum - 0x1p23) == 0.5
    let number = UInt8(truncatingIfNeeded: sum.bitPattern) &+ (isHalfRoundedDown ? 1 : 0)
    return value < 0 ? 0 &- number : number
  }
}
