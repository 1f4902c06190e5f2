/// A few positions in the output of one zlib stream, so that reads need not come in order.
///
/// Threads that share the windows of a tensor ask for them slightly out of order. With a single cursor, each
/// step back would inflate the stream again from its beginning.
struct InflateCursors: ~Copyable {
  /// A cursor takes 100 kB. Two threads need two of them; many threads rarely need more than eight.
  private var slots = InlineArray<8, InflateCursor?> { _ in nil }

  /// Takes out the cursor from which byte `offset` is reached soonest; nil when all cursors are beyond it.
  mutating func take(upTo offset: Int) -> InflateCursor? {
    var best: (index: Int, position: Int)?
    for index in slots.indices {
      guard let position = slots[index]?.position, position <= offset else { continue }
      if position >= best?.position ?? 0 { best = (index, position) }
    }
    guard let best else { return nil }
    return slots[best.index].take()
  }

  /// Puts a cursor back. When all slots are taken, it replaces the cursor that is furthest on: a second pass
  /// over the file needs that one last.
  mutating func keep(_ cursor: consuming InflateCursor) {
    var place = 0
    var furthest = -1
    for index in slots.indices {
      let position = slots[index]?.position ?? Int.max
      if position > furthest { (place, furthest) = (index, position) }
    }
    slots[place] = consume cursor
  }
}
