import HymbaFormat

extension Limits {
  /// Entries of one zip archive. PyTorch writes one for each storage: 100 000 tensors and a few more.
  static let zipEntries = 1 << 17

  /// Entries that are open at once, for reads that do not come in order. One takes 50 kB.
  static let openEntries = 8

  /// Pieces of one entry that wait for what lies between them before their checksum can be compared. Threads
  /// that share out an entry leave as many gaps as there are threads.
  static let checksumPieces = 64

  /// Bytes of a stored entry that are read at once where only its checksum is wanted.
  static let checkWindowBytes = 1 << 20
}
