import HymbaFormat
import HymbaKernels

/// A matrix rounded to bf16, for products with weights of this type.
struct BFloat16Matrix: Sendable {
  let rows: Int
  let columns: Int
  /// The bits of the numbers, row by row.
  let words: [UInt16]

  /// Whether the processor multiplies such numbers.
  static let isMultiplied = hymba_multiplies_bf16() != 0

  /// The matrix whose numbers are the nearest bf16 numbers, the even ones of two.
  init(_ x: Matrix) {
    self.rows = x.rows
    self.columns = x.columns
    self.words = unsafe Array(unsafeUninitializedCapacity: x.values.count) { words, count in
      unsafe x.values.withUnsafeBufferPointer { values in
        if let from = values.baseAddress, let target = words.baseAddress {
          unsafe hymba_round_bf16(from, target, values.count)
        }
      }
      count = x.values.count
    }
  }

  /// The same numbers in 32 bits.
  var widened: Matrix {
    unsafe Matrix(rows: rows, columns: columns) { target in
      unsafe words.withUnsafeBytes { bytes in
        if let from = bytes.baseAddress { unsafe Kernels.widenBFloat16(from, into: target) }
      }
    }
  }
}

extension StoredMatrix {
  /// Multiplies rows of x with the transposed rows of `range`.
  ///
  /// - Parameters:
  ///   - x: [rows, columns]
  ///   - y: [x.rows, range.count], with `stride` floats from one row to the next.
  /// - Precondition: The weights are bf16, and ``BFloat16Matrix/isMultiplied``.
  func multiply(_ range: Range<Int>, _ x: BFloat16Matrix, into y: UnsafeMutablePointer<Float>, stride: Int) {
    precondition(type == .bfloat16 && BFloat16Matrix.isMultiplied, "bf16 numbers that can be multiplied")
    precondition(x.columns == columns && range.count <= stride, "a product of matching shapes")
    let weights = unsafe address(range).assumingMemoryBound(to: UInt16.self)
    unsafe x.words.withUnsafeBufferPointer { words in
      guard let words = words.baseAddress else { return }
      unsafe hymba_multiply_bf16(words, x.rows, weights, range.count, columns, y, stride)
    }
  }
}
