import CZip
public import HymbaFormat

/// Everything that can be wrong with a zip archive.
public enum ZipError: Diagnosis, Equatable {
  /// libzip cannot open the archive. The text is libzip's own.
  case cannotOpen(String)
  case noDirectory
  /// The directory and the entries' own headers differ, or a name that is marked as UTF-8 is not UTF-8.
  case inconsistent
  case noEntries
  case tooManyEntries(Int, limit: Int)
  case unnamedEntry(index: Int)
  case duplicateNames
  case encrypted(String)
  case unknownMethod(String, method: Int)
  case storedSize(String, content: Int, stored: Int)
  /// The entry declares more bytes than deflate can make of its compressed bytes.
  case impossibleSize(String, content: Int, stored: Int)
  case overlapping(total: Int, fileBytes: Int)
  case bomb(claimed: Int, fileBytes: Int)
  /// The archive holds something else. The text says what.
  case foreign(String)
  case tooLarge(String, bytes: Int, limit: Int)
  case damaged(String, String)
  /// The file could not be read, or there was no memory. The entry itself may be fine.
  case cannotRead(String, String)
  case endsEarly(String, found: Int, expected: Int)
  case tooLong(String, expected: Int)
  case checksum(String, expected: UInt32, found: UInt32)

  public var kind: FailureKind {
    switch self {
    case .checksum, .damaged, .endsEarly, .tooLong: .wrong
    case .cannotRead: .inputOutput
    default: .unreadable
    }
  }
}

extension ZipError {
  /// The error for a call of libzip that failed on an entry.
  /// - Parameters:
  ///   - code: libzip's error code, one of `ZIP_ER_…`.
  ///   - text: libzip's own message.
  init(code: Int32, _ text: String, entry: String) {
    switch code {
    case ZIP_ER_READ, ZIP_ER_SEEK, ZIP_ER_OPEN, ZIP_ER_MEMORY: self = .cannotRead(entry, text)
    default: self = .damaged(entry, text)
    }
  }
}

extension ZipError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let why): "the zip archive cannot be read: \(why)"
    case .noDirectory:
      "the zip archive has no valid directory at its end: it is cut short or damaged"
    case .inconsistent:
      "the zip archive contradicts itself: its directory and its entries do not agree, or a name is not in the encoding that it should be; unpack it where you trust it, and pack it again"
    case .noEntries: "the zip archive has no entries"
    case .tooManyEntries(let count, let limit):
      "the zip archive has \(count) entries; at most \(limit) are accepted"
    case .unnamedEntry(let index):
      "entry \(index) of the zip archive has no name that a tensor could have; unpack it, rename that entry, and pack it again"
    case .duplicateNames: "the zip archive has two entries of one name"
    case .encrypted(let name):
      "the entry “\(name.printable)” is encrypted; unpack it and save the checkpoint without a password"
    case .unknownMethod(let name, let method):
      "the entry “\(name.printable)” is compressed with \(Self.name(ofMethod: method)), which is not read here; save it again with numpy.savez_compressed, or unpack it and pack it again"
    case .storedSize(let name, let content, let stored):
      "the entry “\(name.printable)” is stored as it is, but declares \(content) bytes and takes \(stored)"
    case .impossibleSize(let name, let content, let stored):
      "the entry “\(name.printable)” declares \(content) bytes, but its \(stored) compressed bytes cannot hold more than \(stored * Limits.deflateRatio)"
    case .overlapping(let total, let bytes):
      "the entries overlap: together they take \(total) bytes, but the file has \(bytes)"
    case .bomb(let claimed, let bytes): Limits.bombSentence(claimed: claimed, fileBytes: bytes)
    case .foreign(let what): "this is \(what)"
    case .tooLarge(let name, let bytes, let limit):
      "the entry “\(name.printable)” has \(bytes) bytes; at most \(limit) are accepted"
    case .damaged(let name, let why): "the entry “\(name.printable)” is damaged: \(why)"
    case .cannotRead(let name, let why): "the entry “\(name.printable)” cannot be read: \(why)"
    case .endsEarly(let name, let found, let expected):
      "the entry “\(name.printable)” ends after \(found) bytes, and \(expected) are declared"
    case .tooLong(let name, let expected):
      "the entry “\(name.printable)” holds more than the \(expected) bytes that are declared"
    case .checksum(let name, let expected, let found):
      "the entry “\(name.printable)” is damaged: its CRC-32 is \(found), and must be \(expected)"
    }
  }

  /// - Parameter method: Number of the compression method in the zip format.
  private static func name(ofMethod method: Int) -> String {
    switch method {
    case 9: "Deflate64"
    case 12: "bzip2"
    case 14: "LZMA"
    case 93: "Zstandard"
    case 95: "XZ"
    default: "method \(method)"
    }
  }
}
