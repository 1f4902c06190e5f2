extension GGUFKeys {
  /// The keys with their values, as they are written into another file.
  /// - Parameter isWanted: Whether a key is among them.
  /// - Throws: `FormatError` when the file cannot be read.
  package func entries(where isWanted: (String) -> Bool) throws -> [GGUFEntry] {
    try names.filter(isWanted).map { GGUFEntry($0, copied: try storedValue($0)) }
  }
}
