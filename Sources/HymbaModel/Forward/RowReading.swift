import HymbaFormat
import Synchronization

/// Reads a matrix in parts of rows, from the first row to the last. So each of its windows is read once, and
/// the whole matrix is compared with its digest.
///
/// Windows need not end between rows. What the last window of a part holds of later rows is kept for the next
/// part.
final class RowReading: Sendable {
  let reading: any TensorReading
  let rows: Int
  let columns: Int

  /// The progress of the reading.
  private struct State {
    /// The next row.
    var row = 0
    /// The bytes of the windows that were read or are being read.
    var bytes = 0
    /// The bytes that were read beyond the rows of the last part: the buffer that holds them, and the byte at
    /// which they begin.
    var rest: (loan: BufferPool.Loan, start: Int)?
  }

  private let state = Mutex(State())

  init(_ reading: any TensorReading, rows: Int, columns: Int) {
    self.reading = reading
    self.rows = rows
    self.columns = columns
  }

  private var rowBytes: Int { columns * reading.tensor.type.byteSize }

  /// Splits the rows into parts of equal size, each of at most so many bytes, but of at least one row. The
  /// last part may be smaller.
  func rowRanges(atMost bytes: Int) -> [Range<Int>] {
    let count = max(1, bytes / max(1, rowBytes))
    return stride(from: 0, to: rows, by: count).map { $0..<min($0 + count, rows) }
  }

  /// A buffer for the next rows, and the windows that it still lacks. The buffer begins with the first byte of
  /// the first row.
  fileprivate func next(
    _ range: Range<Int>, _ pool: BufferPool
  ) -> (loan: BufferPool.Loan, windows: Range<Int>) {
    state.withLock { state in
      precondition(range.lowerBound == state.row && range.upperBound <= rows, "the next rows")
      let (start, end) = (range.lowerBound * rowBytes, range.upperBound * rowBytes)
      let (windowBytes, byteCount) = (reading.windowBytes, reading.tensor.byteCount)
      let first = state.bytes == 0 ? 0 : (state.bytes - 1) / windowBytes + 1
      let last =
        range.upperBound == rows ? reading.windowCount : (end + windowBytes - 1) / windowBytes
      let windows = first..<max(first, last)
      let known = state.bytes - start
      state.bytes = max(
        state.bytes, min(windows.upperBound * windowBytes, byteCount))
      // Parts of as many rows ask for buffers of the same size, so that each can take the memory of an earlier
      // one.
      let loan = pool.take(
        max(
          state.bytes - start, range.count * rowBytes + min(windowBytes, byteCount)))
      if let rest = state.rest, known > 0 {
        loan.buffer.copy(rest.loan.buffer, from: rest.start, count: known)
      }
      state.rest = state.bytes > end ? (loan, end - start) : nil
      state.row = range.upperBound
      return (loan, windows)
    }
  }
}

extension ParameterReader {
  /// Begins to read a matrix in parts.
  /// - Throws: As ``floats(_:_:)``.
  func rowReading(_ name: String, _ rows: Int, _ columns: Int) throws -> RowReading {
    RowReading(
      try source.reading(of: try matrixDescriptor(name, rows, columns), .whole), rows: rows,
      columns: columns)
  }

  /// The next rows of a matrix, in their stored type. Where the reading was deferred, their content is there
  /// once the parts have run.
  ///
  /// - Precondition: `range` begins with the row after the previous part, and the content of that part is
  ///   there.
  /// - Throws: ``ModelError/parameterBeyondMemory(_:byteCount:limit:)``, and the errors of the source.
  func matrix(_ matrix: RowReading, rows range: Range<Int>) throws -> StoredMatrix {
    let tensor = matrix.reading.tensor
    try requireMemory(tensor.name, range.count * matrix.columns * tensor.type.byteSize)
    let (loan, windows) = matrix.next(range, pool)
    try read(
      matrix.reading, windows: windows, into: loan,
      from: range.lowerBound * matrix.columns * tensor.type.byteSize)
    return StoredMatrix(
      rows: range.count, columns: matrix.columns, type: tensor.type, loan, pool)
  }

  /// The most bytes of rows that are read at once where a whole matrix is passed through.
  private static let passedBytes = 16 << 20

  /// Reads rows of a matrix by index, as 32-bit floats.
  ///
  /// - Parameter purpose: With ``ReadingPurpose/parts``, only the parts of the matrix that hold one of the rows
  ///   are read, each chunk of a compressed matrix once. With ``ReadingPurpose/whole``, a matrix that is
  ///   compared with a digest is read from its first row to its last.
  /// - Returns: The rows by index, [columns] each.
  /// - Throws: As ``floats(_:_:)``.
  func rows(
    _ indices: Set<Int>, of name: String, _ rows: Int, _ columns: Int, _ purpose: ReadingPurpose
  ) throws -> [Int: [Float]] {
    let tensor = try matrixDescriptor(name, rows, columns)
    let width = tensor.type.byteSize
    try requireMemory(name, indices.count * columns * (width + MemoryLayout<Float>.size))
    let reading = try source.reading(of: tensor, purpose)
    var found: [Int: [Float]] = [:]
    guard purpose == .parts || !reading.isCompared else {
      let whole = RowReading(reading, rows: rows, columns: columns)
      try forEach(
        whole.rowRanges(atMost: Self.passedBytes),
        make: { range, reader in try reader.matrix(whole, rows: range) }
      ) { range, matrix in
        for index in indices where range.contains(index) {
          found[index] = matrix.floats(row: index - range.lowerBound)
        }
      }
      return found
    }
    for (index, bytes) in try pickRows(indices.sorted(), of: reading, rowBytes: columns * width) {
      found[index] = Widening.floats(bytes.raw, tensor.type)
    }
    return found
  }

  /// Reads rows of a tensor in their stored type.
  ///
  /// - Parameter indices: The rows in ascending order.
  private func pickRows(
    _ indices: [Int], of reading: any TensorReading, rowBytes: Int
  ) throws -> [(Int, [UInt8])] {
    var rows = indices.map { ($0, [UInt8](repeating: 0, count: rowBytes)) }
    let ranges = indices.map { $0 * rowBytes..<($0 + 1) * rowBytes }
    let pieces = reading.readsWholeWindows ? reading.windows(with: ranges) : ranges
    var first = 0
    for start in stride(from: 0, to: pieces.count, by: jobs) {
      let group = Array(pieces[start..<min(start + jobs, pieces.count)])
      let read = try Parallel.map(count: group.count, jobs: jobs) { index in
        try [UInt8](count: group[index].count) {
          try reading.read(from: group[index].lowerBound, into: &$0)
        }
      }
      for (piece, bytes) in zip(group, read) {
        // Rows that end before this piece are complete.
        while first < ranges.count, ranges[first].upperBound <= piece.lowerBound { first += 1 }
        for index in first..<ranges.count {
          let (row, common) = (ranges[index], ranges[index].clamped(to: piece))
          guard row.lowerBound < piece.upperBound else { break }
          rows[index].1.replaceSubrange(
            common.lowerBound - row.lowerBound..<common.upperBound - row.lowerBound,
            with: bytes[
              common.lowerBound - piece.lowerBound..<common.upperBound - piece.lowerBound])
        }
      }
    }
    return rows
  }
}

extension TensorReading {
  /// The windows that hold some byte of the ranges, each once.
  ///
  /// - Parameter ranges: Ascending ranges of bytes.
  fileprivate func windows(with ranges: [Range<Int>]) -> [Range<Int>] {
    var windows: [Range<Int>] = []
    var next = 0
    for range in ranges where !range.isEmpty {
      let last = (range.upperBound - 1) / windowBytes
      next = max(next, range.lowerBound / windowBytes)
      while next <= last {
        windows.append(self.range(ofWindow: next))
        next += 1
      }
    }
    return windows
  }
}
