import HymbaFormat

/// The parts of each storage that the tensors read.
struct SharedStorages {
  private var views: [StorageView] = []
  /// Positions in ``views``, by the key of the storage.
  private var byKey: NameTable<[Int]> = [:]

  mutating func add(_ view: StorageView, key: String) {
    byKey[key, default: []].append(views.count)
    views.append(view)
  }

  /// The views in the order in which they were added.
  ///
  /// When the tensors of a storage do not cover all of it, its checksum would never be compared. Such a storage
  /// is read once as a whole before the first of its tensors.
  var checked: [StorageView] {
    var views = views
    for (_, positions) in byKey where !isCovered(positions) {
      for position in positions { views[position].view.readAsChecked(views[position].inAnyOrder) }
    }
    return views
  }

  /// Whether the tensors at `positions` together cover all of their storage.
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
