import HymbaConversion
import HymbaFormat
import Synchronization

/// Hashes of all rows and all columns of a tensor. A row and a column with the same elements have the same hash.
///
/// The hash of a line is the sum of hashes of its elements with their positions in it. So a tensor is hashed in
/// pieces, in any order, and every element is part of two hashes of 64 bits.
struct LineHashes: Sendable {
  let view: MatrixView
  /// The hashes of the rows of all matrices, [batches * rows].
  private(set) var rows: [UInt64]
  /// The hashes of the columns of all matrices, [batches * columns].
  private(set) var columns: [UInt64]

  /// Hashes a tensor.
  ///
  /// - Parameters:
  ///   - type: The type to which the elements are cast first.
  ///   - view: The matrices that the elements are taken as; nil for those of the tensor's shape.
  ///   - location: The path of the checkpoint, for errors.
  /// - Returns: Nil where the tensor cannot be cast to `type`, or has elements of less than a byte.
  /// - Throws: The errors of the source.
  /// - Complexity: Reads the tensor once. Memory for all hashes, and for a piece for each job.
  init?(
    _ reading: any TensorReading, as type: ElementType, view: MatrixView? = nil, pieceElements: Int,
    location: String, jobs: Int
  ) throws {
    let tensor = reading.tensor
    guard !tensor.type.isPacked, tensor.type == type || tensor.type.isFloatingPoint else { return nil }
    let target = CastType(rawValue: type.rawValue)
    guard tensor.type == type || target != nil else { return nil }
    let view = view ?? MatrixView(tensor.shape)
    self.view = view
    let state = Mutex(
      (
        rows: [UInt64](repeating: 0, count: view.batches * view.rows),
        columns: [UInt64](repeating: 0, count: view.batches * view.columns)
      ))
    let count = tensor.units
    let pieces = count / pieceElements + (count % pieceElements == 0 ? 0 : 1)
    _ = try Parallel.map(count: pieces, jobs: jobs) { piece in
      let range = piece * pieceElements..<min((piece + 1) * pieceElements, count)
      let size = tensor.type.byteSize
      var bytes = try naming(location) {
        try [UInt8](count: range.count * size) {
          try reading.read(from: range.lowerBound * size, into: &$0)
        }
      }
      if tensor.type != type, let target {
        let source = bytes
        bytes = [UInt8](count: range.count * type.byteSize) {
          FloatCast.cast(source.raw, tensor.type, to: target, into: &$0)
        }
      }
      let part = Self.hash(bytes, type.byteSize, view, from: range.lowerBound)
      state.withLock { state in
        for (index, hash) in part.rows.enumerated() { state.rows[part.firstRow + index] &+= hash }
        for (index, hash) in part.columns.enumerated() {
          state.columns[part.firstColumn + index] &+= hash
        }
      }
    }
    (rows, columns) = state.withLock { ($0.rows, $0.columns) }
  }

  private typealias Part = (firstRow: Int, rows: [UInt64], firstColumn: Int, columns: [UInt64])

  /// The hashes of the lines that a piece touches.
  private static func hash(_ bytes: [UInt8], _ size: Int, _ view: MatrixView, from first: Int) -> Part {
    switch size {
    case 1: hash(bytes, view, first, UInt8.self)
    case 2: hash(bytes, view, first, UInt16.self)
    case 4: hash(bytes, view, first, UInt32.self)
    default: hash(bytes, view, first, UInt64.self)
    }
  }

  private static func hash<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ bytes: [UInt8], _ view: MatrixView, _ first: Int, _: Word.Type
  ) -> Part {
    let count = bytes.count / MemoryLayout<Word>.size
    let firstRow = first / view.columns
    let lastRow = (first + count - 1) / view.columns
    let firstBatch = firstRow / view.rows
    var rows = [UInt64](repeating: 0, count: lastRow - firstRow + 1)
    var columns = [UInt64](
      repeating: 0, count: (lastRow / view.rows - firstBatch + 1) * view.columns)
    let words = bytes.raw
    var index = 0
    var column = first % view.columns
    for row in firstRow...lastRow {
      let (batch, rowInBatch) = (row / view.rows - firstBatch, row % view.rows)
      let end = min(view.columns, column + count - index)
      var sum: UInt64 = 0
      for position in column..<end {
        // Every bit pattern is a valid integer.
        let word = unsafe UInt64(
          Word(
            littleEndian: words.unsafeLoadUnaligned(
              fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)))
        sum &+= mix(word, position)
        columns[batch &* view.columns &+ position] &+= mix(word, rowInBatch)
        index &+= 1
      }
      rows[row - firstRow] = sum
      column = 0
    }
    return (firstRow, rows, firstBatch * view.columns, columns)
  }

  /// The hash of an element and its position in a line, by the output function of SplitMix64.
  @inline(__always)
  private static func mix(_ word: UInt64, _ position: Int) -> UInt64 {
    var z = word &+ UInt64(truncatingIfNeeded: position &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z &>> 31
  }
}
