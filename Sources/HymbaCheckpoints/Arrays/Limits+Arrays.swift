import HymbaFormat

extension Limits {
  /// How many times a compressed stream is inflated from its beginning before it is copied. Reading it in order
  /// starts it once, a second look at the same tensors once more, and threads that share it out about as often.
  static let streamStarts = 4

  /// Bytes that are copied at once.
  static let copyWindowBytes = 1 << 20
}
