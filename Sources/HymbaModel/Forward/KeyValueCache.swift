/// Keys, normed and rotated, and values of the positions that later ones may still see.
///
/// Prepended meta tokens stay; of the other positions, those that have left the widest window go. A full pass
/// sees `window` positions back and the current one, so `window + 1` are kept. (The original keeps one fewer
/// while it decodes, and so differs from its own full pass.)
struct KeyValueCache: Sendable {
  /// Leading positions that never go.
  private let pinned: Int
  /// How far back any of the layers sees that use this cache; nil keeps everything.
  private let window: Int?
  private let keyWidth: Int
  private let valueWidth: Int
  private(set) var positions: [Int] = []
  /// By sequence: [positions, width].
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

  /// Adds one position of each sequence, and lets the one go that no window reaches any more.
  /// - Parameters: keys [batch, keyWidth], values [batch, valueWidth]
  mutating func append(position: Int, _ new: KeyValues) {
    positions.append(position)
    for sequence in keys.indices {
      keys[sequence] += new.keys.values[sequence * keyWidth..<(sequence + 1) * keyWidth]
      values[sequence] += new.values.values[sequence * valueWidth..<(sequence + 1) * valueWidth]
    }
    guard let window, let oldest = positions.firstIndex(where: { $0 >= pinned }),
      positions[oldest] < position - window
    else { return }
    positions.remove(at: oldest)
    for sequence in keys.indices {
      keys[sequence].removeSubrange(oldest * keyWidth..<(oldest + 1) * keyWidth)
      values[sequence].removeSubrange(oldest * valueWidth..<(oldest + 1) * valueWidth)
    }
  }
}
