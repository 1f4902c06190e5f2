/// The keys (normalised and rotated) and the values of some positions of a batch.
struct KeyValues: Sendable {
  let keys: Matrix  // [batch * length, keyWidth]
  let values: Matrix  // [batch * length, valueWidth]
}

/// The keys and values that a layer computed, for its own attention and for later layers that share them. The
/// cache holds the positions that are being computed now and the earlier positions that may still be seen.
///
/// Prepended meta tokens are kept. Other positions are overwritten once they have left the widest window.
/// A full pass sees `window` positions back and the current one, so `window + 1` positions are kept. (The
/// original keeps one fewer while it decodes, and so differs from its own full pass.)
struct KeyValueCache: Sendable {
  /// The number of leading positions that are never overwritten.
  private let pinned: Int
  /// The widest window of the layers that use this cache; nil keeps all positions.
  private let window: Int?
  private let keyWidth: Int
  private let valueWidth: Int
  /// The keys and values of the positions that are being computed now.
  var current: KeyValues?
  /// The position that each slot holds, in no particular order: attention does not depend on the order of keys.
  private(set) var positions: [Int] = []
  /// The keys of each sequence, [slots, keyWidth].
  private(set) var keys: [[Float]]
  /// The values of each sequence, [slots, valueWidth].
  private(set) var values: [[Float]]

  init(batch: Int, pinned: Int, window: Int?, keyWidth: Int, valueWidth: Int) {
    self.pinned = pinned
    self.window = window
    self.keyWidth = keyWidth
    self.valueWidth = valueWidth
    self.keys = [[Float]](repeating: [], count: batch)
    self.values = [[Float]](repeating: [], count: batch)
  }

  /// Moves the current keys and values into the slots, once their positions are done and others follow.
  ///
  /// - Parameter position: The first current position: the one after the last that was kept.
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

  /// Whether a position has to be written: nothing before `end` takes its slot again, or its slot is new. A new
  /// slot is always written, because slots are appended in order.
  private func remains(_ position: Int, before end: Int) -> Bool {
    guard let window else { return true }
    return position < pinned || position >= end - (window + 1)
      || position - pinned < window + 1
  }

  private func slot(of position: Int) -> Int {
    guard let window, position >= pinned else { return position }
    return pinned + (position - pinned) % (window + 1)
  }

  /// The cache of a batch of `count` sequences, each with the content of the first sequence here.
  func repeated(_ count: Int) -> KeyValueCache {
    var copy = self
    copy.keys = [[Float]](repeating: keys[0], count: count)
    copy.values = [[Float]](repeating: values[0], count: count)
    return copy
  }
}

extension [Float] {
  /// Overwrites the values from `offset` on, and appends those that lie beyond the end.
  fileprivate mutating func put(_ new: ArraySlice<Float>, at offset: Int) {
    replaceSubrange(offset..<Swift.min(offset + new.count, count), with: new)
  }
}
