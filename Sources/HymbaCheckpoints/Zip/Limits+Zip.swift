import HymbaFormat

extension Limits {
  /// Entries of one zip archive. PyTorch writes one for each storage, so this is enough for 100 000 tensors.
  static let zipEntries = 1 << 17

  /// Entries that are open at once, for reads out of order. Each takes 50 kB.
  static let openEntries = 8

  /// Pieces of one entry that are kept until the bytes between them have been read and the checksum can be
  /// compared. Threads that share the reading of an entry leave as many gaps as there are threads.
  static let checksumPieces = 64

  /// Bytes of a stored entry that are read at once when only its checksum is wanted.
  static let checkWindowBytes = 1 << 20
}
