import HymbaFormat

/// The beginning of a GGUF file: its keys, and the number of its tensors.
struct GGUFHeader {
  let keys: GGUFKeys
  let tensorCount: Int
  /// Stands behind the keys, where the table of tensors begins.
  var reader: GGUFReader

  /// The fewest bytes of a key: a name of one byte, and a value of one byte.
  private static let keyBytes: Int64 = 14
  /// The fewest bytes of a tensor: a name of one byte, and one dimension.
  private static let tensorBytes: Int64 = 33

  /// Reads and checks the header.
  /// - Throws: ``GGUFError``, `FormatError`.
  init(_ file: any ByteSource) throws {
    let prefix = try file.bytes(at: 0, count: min(GGUFFile.magic.count, file.byteCount))
    guard prefix == GGUFFile.magic else { throw GGUFError.notGGUF }
    var reader = GGUFReader(file, at: GGUFFile.magic.count)
    let version = try reader.number(UInt32.self, in: "the header")
    // Nothing but the order of the version's bytes tells which order a file has.
    guard version & 0xFFFF != 0 else { throw GGUFError.bigEndian }
    guard (2...3).contains(version) else { throw GGUFError.unknownVersion(version) }
    let tensorCount = try reader.number(Int64.self, in: "the header")
    let keyCount = try reader.number(Int64.self, in: "the header")
    try Self.check(keyCount, of: "keys", bytesEach: Self.keyBytes, Limits.ggufKeys, reader.left)
    try Self.check(
      tensorCount, of: "tensors", bytesEach: Self.tensorBytes, Limits.ggufTensors, reader.left)
    self.keys = try GGUFKeys(Int(keyCount), from: &reader, of: file)
    try Self.check(
      tensorCount, of: "tensors", bytesEach: Self.tensorBytes, Limits.ggufTensors, reader.left)
    self.tensorCount = Int(tensorCount)
    self.reader = reader
  }

  private static func check(
    _ count: Int64, of what: String, bytesEach: Int64, _ limit: Int, _ left: Int
  ) throws(GGUFError) {
    guard count >= 0, count <= Int64(left) / bytesEach else {
      throw .falseCount(of: what, declared: count, left: left)
    }
    guard count <= limit else { throw .tooMany(what, declared: count, limit: limit) }
  }
}
