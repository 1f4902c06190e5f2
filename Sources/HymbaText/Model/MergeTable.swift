/// The merges of a model: which pairs of tokens become which token, and in which order.
struct MergeTable: Sendable {
  private struct Merge {
    /// Its place in the order. Merges of equal ranks are made from left to right.
    let rank: Int32
    /// The token that it makes.
    let result: Int32
  }

  /// The merges by their pairs. Both ids are in the key, so that one look-up suffices.
  private var merges: [UInt64: Merge] = [:]

  init(minimumCapacity: Int) { merges.reserveCapacity(minimumCapacity) }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Adds a merge. Of a pair that comes twice, the later one counts.
  mutating func insert(_ left: Int, _ right: Int, making result: Int, rank: Int) {
    merges[Self.key(Int32(left), Int32(right))] = Merge(rank: Int32(rank), result: Int32(result))
  }

  /// Whether there is a merge of a pair.
  func contains(_ left: Int, _ right: Int) -> Bool { merges[Self.key(Int32(left), Int32(right))] != nil }

  /// Merges neighbours until no pair has a merge. The pair of the lowest rank is first, and of those the leftmost.
  /// - Complexity: O(*n* log *n*): each merge takes one symbol away, and adds at most two pairs to a heap.
  func merged(_ symbols: [Int]) -> [Int] {
    guard symbols.count > 1, symbols.count < Int(Int32.max) else { return symbols }
    var ids = symbols.map { Int32($0) }
    // Neighbours are linked by position, because removing from an array takes linear time.
    var next = (1...Int32(ids.count)).map { $0 }
    var previous = (-1..<Int32(ids.count - 1)).map { $0 }
    let (end, removed): (Int32, Int32) = (Int32(ids.count), -1)
    // The key has the rank above the position, so that its order is the order of the merges.
    var heap = Heap()
    for position in 0..<(ids.count - 1) {
      if let merge = merges[Self.key(ids[position], ids[position + 1])] {
        heap.insert(UInt64(merge.rank) << 32 | UInt64(position))
      }
    }
    while let top = heap.removeSmallest() {
      let (rank, left) = (Int(top >> 32), Int(top & 0xFFFF_FFFF))
      guard ids[left] != removed, next[left] != end else { continue }
      let right = Int(next[left])
      // The pair may have changed since it was added. Then the merge of the new pair stands in the heap for itself.
      guard let merge = merges[Self.key(ids[left], ids[right])], Int(merge.rank) == rank else { continue }
      ids[left] = merge.result
      ids[right] = removed
      next[left] = next[right]
      if next[left] != end {
        let after = Int(next[left])
        previous[after] = Int32(left)
        if let merge = merges[Self.key(ids[left], ids[after])] {
          heap.insert(UInt64(merge.rank) << 32 | UInt64(left))
        }
      }
      if previous[left] >= 0 {
        let before = Int(previous[left])
        if let merge = merges[Self.key(ids[before], ids[left])] {
          heap.insert(UInt64(merge.rank) << 32 | UInt64(before))
        }
      }
    }
    return ids.compactMap { $0 == removed ? nil : Int($0) }
  }
}
