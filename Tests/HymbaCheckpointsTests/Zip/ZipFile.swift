/// Writes a zip archive by hand, also one that lies.
struct ZipFile {
  struct Entry {
    var name: String
    /// As it lies in the file.
    var stored: [UInt8]
    var method = 0
    var flags = 0
    /// What the headers declare; nil for the truth of a stored entry.
    var contentBytes: Int?
    var storedBytes: Int?
    var checksum: UInt32?
    /// Where the directory says that the entry begins; nil for the truth.
    var offset: Int?
    /// What the entry's own header says, where it differs.
    var localName: String?

    init(_ name: String, _ stored: [UInt8]) {
      self.name = name
      self.stored = stored
    }

    init(_ name: String, _ stored: [UInt8], _ change: (inout Entry) -> Void) {
      self.init(name, stored)
      change(&self)
    }
  }

  var entries: [Entry]
  /// Whether sizes and offsets are in the fields of zip64.
  var isZip64 = false

  init(_ entries: Entry...) { self.entries = entries }
  init(_ entries: [Entry]) { self.entries = entries }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? file.count
      file += header(entry, name: entry.localName ?? entry.name, offset: nil) + entry.stored
      directory += header(entry, name: entry.name, offset: offset)
    }
    let start = file.count
    file += directory
    if isZip64 {
      let end = file.count
      file +=
        Array("PK\u{6}\u{6}".utf8) + Self.little(44, 8) + [45, 0, 45, 0] + Self.little(0, 8)
        + Self.little(entries.count, 8) + Self.little(entries.count, 8)
        + Self.little(directory.count, 8) + Self.little(start, 8)
      file +=
        Array("PK\u{6}\u{7}".utf8) + Self.little(0, 4) + Self.little(end, 8) + Self.little(1, 4)
    }
    let count = Self.little(isZip64 ? 0xFFFF : entries.count, 2)
    return file + Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0] + count + count
      + Self.little(isZip64 ? 0xFFFF_FFFF : directory.count, 4)
      + Self.little(isZip64 ? 0xFFFF_FFFF : start, 4) + [0, 0]
  }

  /// Of the directory when there is an offset, else the entry's own.
  private func header(_ entry: Entry, name: String, offset: Int?) -> [UInt8] {
    let content = entry.contentBytes ?? entry.stored.count
    let stored = entry.storedBytes ?? entry.stored.count
    var extra: [UInt8] = []
    if isZip64 {
      let fields =
        Self.little(content, 8) + Self.little(stored, 8)
        + (offset.map { Self.little($0, 8) } ?? [])
      extra = [1, 0] + Self.little(fields.count, 2) + fields
    }
    let shared =
      Self.little(isZip64 ? 45 : 20, 2) + Self.little(entry.flags, 2)
      + Self.little(entry.method, 2) + [0, 0, 0x21, 0]
      + Self.little(Int(entry.checksum ?? Self.crc32(entry.stored)), 4)
      + Self.little(isZip64 ? 0xFFFF_FFFF : stored, 4)
      + Self.little(isZip64 ? 0xFFFF_FFFF : content, 4) + Self.little(name.utf8.count, 2)
      + Self.little(extra.count, 2)
    guard let offset else { return Array("PK\u{3}\u{4}".utf8) + shared + name.utf8 + extra }
    return Array("PK\u{1}\u{2}".utf8) + [45, 0] + shared + [UInt8](repeating: 0, count: 10)
      + Self.little(isZip64 ? 0xFFFF_FFFF : offset, 4) + name.utf8 + extra
  }

  static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Bit by bit, as the standard defines it.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { checksum, byte in
      (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }
}
