import HymbaFormat

/// Which parts of each storage the tensors read.
struct SharedStorages {
  private var views: [StorageView] = []
  /// Positions in ``views``.
  private var byKey: NameTable<[Int]> = [:]

  mutating func add(_ view: StorageView, key: String) {
    byKey[key, default: []].append(views.count)
    views.append(view)
  }

  /// The views in the order in which they were added. Where the tensors of a storage leave some of it out, its
  /// checksum would never be compared: such a storage is read once as a whole before.
  var checked: [StorageView] {
    var views = views
    for (_, positions) in byKey where !isCovered(positions) {
      for position in positions { views[position].view.readAsChecked(views[position].inAnyOrder) }
    }
    return views
  }

  /// Whether the tensors at `positions` are all of their storage together.
  private func isCovered(_ positions: [Int]) -> Bool {
    var end = 0
    for range in positions.map({ views[$0].view.range }).sorted(by: {
      $0.lowerBound < $1.lowerBound
    }) {
      guard range.lowerBound <= end else { return false }
      end = max(end, range.upperBound)
    }
    return positions.allSatisfy { views[$0].view.bytes.byteCount == end }
  }
}
