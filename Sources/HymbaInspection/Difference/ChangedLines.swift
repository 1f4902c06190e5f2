import HymbaFormat
import Synchronization

/// The rows in which elements of two tensors of one shape differ.
struct ChangedLines: Sendable {
  let view: MatrixView
  /// Of all matrices, in order.
  private let isChanged: [Bool]

  /// - Precondition: Both tensors have values.
  /// - Throws: The errors of the sources.
  /// - Complexity: Reads both tensors once. A byte of memory for each row.
  init(_ reading: PairReading, _ view: MatrixView, jobs: Int) throws {
    let pieces = reading.pieces(of: 0..<reading.count)
    let changed = Mutex([Bool](repeating: false, count: view.batches * view.rows))
    _ = try Parallel.map(count: pieces.count, jobs: jobs) { index in
      try reading.forEachValues(pieces[index]) { first, a, b in
        let rows = a.indices.lazy.filter { a[$0] != b[$0] && !(a[$0].isNaN && b[$0].isNaN) }
          .map { (first + $0) / view.columns }
        var last = -1
        for row in rows where row != last {
          last = row
          changed.withLock { $0[row] = true }
        }
        return true
      }
    }
    self.view = view
    self.isChanged = changed.withLock { $0 }
  }

  var count: Int { isChanged.count { $0 } }
  var rows: Int { isChanged.count }

  /// The changed rows as a range, if they are neighbours; nil otherwise.
  var range: ClosedRange<Int>? {
    guard let first = isChanged.firstIndex(of: true), let last = isChanged.lastIndex(of: true),
      last - first + 1 == count
    else { return nil }
    return first...last
  }
}
