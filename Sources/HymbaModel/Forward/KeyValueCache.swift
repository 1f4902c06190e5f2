/// Keys, normed and rotated, and values of the positions that later ones may still see.
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

  /// Adds one position of each sequence, the one after the last that was added.
  /// - Parameters: keys [batch, keyWidth], values [batch, valueWidth]
  mutating func append(position: Int, _ new: KeyValues) {
    let slot =
      if let window, position >= pinned { pinned + (position - pinned) % (window + 1) } else {
        position
      }
    if slot == positions.count { positions.append(position) } else { positions[slot] = position }
    for sequence in keys.indices {
      keys[sequence].put(new.keys.row(sequence), at: slot * keyWidth)
      values[sequence].put(new.values.row(sequence), at: slot * valueWidth)
    }
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
