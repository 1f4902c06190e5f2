import HymbaFormat

extension Limits {
  /// How many times a compressed stream is decompressed from its beginning before it is copied to a temporary
  /// file. Reading in order starts it once. A second pass over the same tensors starts it once more. Threads
  /// that share the reading start it about as often.
  static let streamStarts = 4

  /// Bytes that are copied at once.
  static let copyWindowBytes = 1 << 20
}
