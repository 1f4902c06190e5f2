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
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / Q8_0.elements * Q8_0.bytes)
    for start in stride(from: 0, to: values.count, by: Q8_0.elements) {
      let block = values.span.extracting(start..<start + Q8_0.elements)
      var largest: Float = 0
      var isFinite = true
      for index in block.indices {
        largest = max(largest, abs(block[index]))
        isFinite = isFinite && block[index].isFinite
      }
      let scale = largest / 127
      let stored = Float16(scale)
      guard isFinite, stored.isFinite else { return nil }
      bytes.append(UInt8(truncatingIfNeeded: stored.bitPattern))
      bytes.append(UInt8(truncatingIfNeeded: stored.bitPattern >> 8))
      // The reciprocal of the smallest scales is infinite. F16 makes zero of these scales anyway.
      let reciprocal = 1 / scale
      let factor = reciprocal.isFinite ? reciprocal : 0
      for index in block.indices {
        let number = Int8((block[index] * factor).rounded(.toNearestOrAwayFromZero))
        bytes.append(UInt8(bitPattern: number))
      }
    }
    return bytes
  }
}
