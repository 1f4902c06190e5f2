import HymbaFormat

extension Limits {
  /// Bytes of an array's header. NumPy itself refuses more than 10 000 by default.
  static let npyHeaderBytes = 10_000
}
