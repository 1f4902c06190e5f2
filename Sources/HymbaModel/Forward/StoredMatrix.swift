import HymbaFormat

/// A weight matrix in memory in its stored type: [rows, columns], row by row.
///
/// 16-bit weights stay 16 bits wide until a product needs them. So a layer occupies as much memory as in the
/// file, and each weight is read from memory once.
struct StoredMatrix: Sendable {
  let rows: Int
  let columns: Int
  let type: ElementType
  private let bytes: BufferPool.Loan
  private let pool: BufferPool

  /// - Precondition: `bytes` holds rows * columns elements of the floating-point type `type`.
  init(rows: Int, columns: Int, type: ElementType, _ bytes: BufferPool.Loan, _ pool: BufferPool) {
    precondition(bytes.buffer.byteCount >= rows * columns * type.byteSize, "as many as the shape")
    self.rows = rows
    self.columns = columns
    self.type = type
    self.bytes = bytes
    self.pool = pool
  }

  /// Passes a part of the rows of `range` to `body` as 32-bit floats, [range.count, part.count], with the number of
  /// floats from one row to the next.
  func withFloats(_ range: Range<Int>, part: Range<Int>, _ body: (UnsafePointer<Float>, Int) -> Void) {
    precondition(part.lowerBound >= 0 && part.upperBound <= columns, "columns of the matrix")
    let size = type.byteSize
    let start = unsafe address(range) + part.lowerBound * size
    if type == .float32 {
      return unsafe body(UnsafePointer(start.assumingMemoryBound(to: Float.self)), columns)
    }
    let panel = pool.take(range.count * part.count * MemoryLayout<Float>.size)
    for row in 0..<range.count {
      let floats = unsafe panel.buffer.address(row * part.count * MemoryLayout<Float>.size)
        .bindMemory(to: Float.self, capacity: part.count)
      unsafe Widening.widen(
        RawSpan(_unsafeStart: start + row * columns * size, byteCount: part.count * size), type,
        into: UnsafeMutableBufferPointer(start: floats, count: part.count))
    }
    unsafe body(UnsafePointer(panel.buffer.address(0).assumingMemoryBound(to: Float.self)), part.count)
  }

  /// One row as 32-bit floats.
  func floats(row: Int) -> [Float] {
    var values: [Float] = []
    unsafe withFloats(row..<row + 1, part: 0..<columns) { row, _ in
      values = unsafe Array(UnsafeBufferPointer(start: row, count: columns))
    }
    return values
  }

  /// Whether ``multiplyFew(_:_:count:into:stride:)`` knows the type.
  var multipliesFew: Bool { [.float32, .bfloat16, .float16].contains(type) }

  /// Multiplies few rows of x with the transposed rows of `range`, without widening the weights in memory
  /// first.
  ///
  /// - Parameters:
  ///   - x: [count, columns]
  ///   - y: [count, range.count], with `stride` floats from one row to the next.
  /// - Returns: False for types that have no such kernel. Nothing is written then.
  func multiplyFew(
    _ range: Range<Int>, _ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>,
    stride: Int
  ) -> Bool {
    let start = unsafe address(range)
    switch type {
    case .float32:
      unsafe Kernels.rowsTimes(
        x, count, start.assumingMemoryBound(to: Float.self), range.count, columns, y, stride)
    case .bfloat16, .float16:
      unsafe Kernels.rowsTimes(
        x, count, start.assumingMemoryBound(to: UInt16.self), isBFloat16: type == .bfloat16, range.count, columns, y,
        stride)
    default: return false
    }
    return true
  }

  func address(_ range: Range<Int>) -> UnsafeMutableRawPointer {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows of the matrix")
    return unsafe bytes.buffer.address(range.lowerBound * columns * type.byteSize)
  }
}
