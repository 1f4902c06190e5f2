import HymbaFormat
import Synchronization

/// Counts what a cast does to the values that are read. Several threads may add at once.
///
/// Elements that are read again in the same piece are counted once. Of two pieces that overlap, only the one
/// that starts first is counted.
final class CastTally: Sendable {
  private let counts = Mutex<NameTable<[Int: Piece]>>([:])

  private struct Piece {
    let end: Int
    let counts: CastCounts
  }

  func add(_ counts: CastCounts, of tensor: String, _ elements: Range<Int>) {
    self.counts.withLock { all in
      let known = all[tensor]?[elements.lowerBound]
      if let known, known.end >= elements.upperBound { return }
      all[tensor, default: [:]][elements.lowerBound] = Piece(
        end: elements.upperBound, counts: counts)
    }
  }

  /// The counts of each tensor, sorted by name.
  ///
  /// - Complexity: Sorts the pieces of every tensor.
  var tensors: [(name: String, counts: CastCounts)] {
    counts.withLock { all in
      all.sorted.map { name, pieces in
        var sum = CastCounts()
        var end = 0
        for (start, piece) in pieces.sorted(by: { $0.key < $1.key }) where start >= end {
          sum = sum + piece.counts
          end = piece.end
        }
        return (name, sum)
      }
    }
  }

  /// The losses beyond the limits of a ``Cast``: all values that became infinite, and the first tensor in which too
  /// many became zero.
  /// - Parameter target: What a tensor was cast to.
  func losses(to target: (_ tensor: String) -> CastLoss.Target) -> [CastLoss] {
    var losses: [CastLoss] = []
    let tensors = tensors
    let overflowed = tensors.reduce(0) { $0 + $1.counts.overflowed }
    if let worst = tensors.max(by: { $0.counts.overflowed < $1.counts.overflowed }),
      worst.counts.overflowed > 0
    {
      losses.append(.overflow(overflowed, mostIn: worst.name, target(worst.name)))
    }
    if let (name, counts) = tensors.first(where: {
      Double($0.counts.flushed) > Double($0.counts.nonzero) * Cast.flushedShare
    }) {
      losses.append(.flush(counts.flushed, of: counts.nonzero, in: name, target(name)))
    }
    return losses
  }

  /// The counts of all tensors together.
  var total: CastCounts { tensors.reduce(CastCounts()) { $0 + $1.counts } }
}
