package import HymbaFormat
import HymbaKernels

/// Counts of stored floating-point numbers by their bits, without widening them.
package struct WordCounts: Sendable {
  /// Numbers that are zero, of either sign.
  package let zeros: Int
  package let isFinite: Bool
  /// Whether all numbers have the same bits.
  package let areSame: Bool

  /// - Parameter bytes: Little-endian elements of `type`.
  /// - Returns: nil for types other than those of 16 and 32 bits.
  /// - Complexity: Reads the bytes once.
  package init?(_ bytes: RawSpan, _ type: ElementType) {
    let counts: hymba_word_counts
    switch type {
    case .bfloat16: counts = Self.count16(bytes, exponent: 0x7F80)
    case .float16: counts = Self.count16(bytes, exponent: 0x7C00)
    case .float32: counts = Self.count32(bytes, exponent: 0x7F80_0000)
    default: return nil
    }
    self.zeros = counts.zeros
    self.isFinite = counts.not_finite == 0
    self.areSame = counts.different == 0
  }

  private static func count16(_ bytes: RawSpan, exponent: UInt16) -> hymba_word_counts {
    unsafe aligned(bytes) { (words: UnsafePointer<UInt16>, count) in
      unsafe hymba_count_words_16(words, count, exponent)
    }
  }

  private static func count32(_ bytes: RawSpan, exponent: UInt32) -> hymba_word_counts {
    unsafe aligned(bytes) { (words: UnsafePointer<UInt32>, count) in
      unsafe hymba_count_words_32(words, count, exponent)
    }
  }

  /// Passes the address of the words. Words at an address that is not theirs are copied first.
  private static func aligned<Word: BitwiseCopyable>(
    _ bytes: RawSpan, _ body: (UnsafePointer<Word>, Int) -> hymba_word_counts
  ) -> hymba_word_counts {
    let size = MemoryLayout<Word>.size
    let count = bytes.byteCount / size
    return unsafe bytes.withUnsafeBytes { buffer in
      guard count > 0, let base = buffer.baseAddress else {
        return hymba_word_counts(zeros: 0, not_finite: 0, different: 0)
      }
      if Int(bitPattern: base) % size == 0 {
        return unsafe body(base.assumingMemoryBound(to: Word.self), count)
      }
      let copy = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count * size, alignment: size)
      defer { unsafe copy.deallocate() }
      unsafe copy.copyMemory(from: UnsafeRawBufferPointer(start: base, count: count * size))
      guard let target = copy.baseAddress else {
        return hymba_word_counts(zeros: 0, not_finite: 0, different: 0)
      }
      return unsafe body(UnsafePointer(target.assumingMemoryBound(to: Word.self)), count)
    }
  }
}
