/// Keys, normed and rotated, and values of some positions of a batch.
struct KeyValues: Sendable {
  let keys: Matrix  // [batch * length, keyWidth]
  let values: Matrix  // [batch * length, valueWidth]
}

/// Keys and values that a layer computed, for its own attention and for that of later layers that share them:
/// of the positions that go through now, and of those before them that may still be seen.
///
/// Prepended meta tokens stay; of the other positions, those that have left the widest window are
/// overwritten. A full pass sees `window` positions back and the current one, so `window + 1` are kept. (The
/// original keeps one fewer while it decodes, and so differs from its own full pass.)
struct KeyValueCache: Sendable {
  /// Leading positions that never go.
  private let pinned: Int
  /// How far back any of the layers sees that use this cache; nil keeps everything.
  private let window: Int?
  private let keyWidth: Int
  private let valueWidth: Int
  /// Those of the positions that go through now.
  var current: KeyValues?
  /// The position that each slot holds. Attention does not depend on the order of keys, so slots have none.
  private(set) var positions: [Int] = []
  /// By sequence: [slots, width].
  private(set) var keys: [[Float]]
  private(set) var values: [[Float]]

  init(batch: Int, pinned: Int, window: Int?, keyWidth: Int, valueWidth: Int) {
    self.pinned = pinned
    self.window = window
    self.keyWidth = keyWidth
    self.valueWidth = valueWidth
    self.keys = [[Float]](repeating: [], count: batch)
    self.values = [[Float]](repeating: [], count: batch)
  }

  /// Puts what is current into the slots: its positions are through, and others follow.
  ///
  /// - Parameter position: Of the first of them, the one after the last that was kept.
  mutating func keepCurrent(from position: Int) {
    guard let current else { return }
    self.current = nil
    let length = current.keys.rows / keys.count
    for index in 0..<length where remains(position + index, before: position + length) {
      let slot = slot(of: position + index)
      if slot == positions.count {
        positions.append(position + index)
      } else {
        positions[slot] = position + index
      }
      for sequence in keys.indices {
        let row = sequence * length + index
        keys[sequence].put(current.keys.row(row), at: slot * keyWidth)
        values[sequence].put(current.values.row(row), at: slot * valueWidth)
      }
    }
  }

  /// Whether no position before `end` takes this one's slot. Slots are taken in their order the first time, so
  /// all are kept until each was taken once.
  private func remains(_ position: Int, before end: Int) -> Bool {
    guard let window else { return true }
    return position < pinned || position >= end - (window + 1)
      || position - pinned < window + 1
  }

  private func slot(of position: Int) -> Int {
    guard let window, position >= pinned else { return position }
    return pinned + (position - pinned) % (window + 1)
  }

  /// The cache of a batch of `count` sequences like the first.
  func repeated(_ count: Int) -> KeyValueCache {
    var copy = self
    copy.keys = [[Float]](repeating: keys[0], count: count)
    copy.values = [[Float]](repeating: values[0], count: count)
    return copy
  }
}

extension [Float] {
  /// Writes over what is at `offset`, or adds at the end.
  fileprivate mutating func put(_ new: ArraySlice<Float>, at offset: Int) {
    replaceSubrange(offset..<Swift.min(offset + new.count, count), with: new)
  }
}
