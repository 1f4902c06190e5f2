import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

extension FileSystem {
  /// Whether a folder has an entry of this name, be it a link that leads nowhere; also where that cannot be told
  /// without permission.
  package static func hasEntry(_ path: String) -> Bool {
    isNameTaken(path) || errno != ENOENT && errno != ENOTDIR
  }

  /// What a symbolic link says, as it says it; nil for what is no link.
  static func linkTarget(_ path: String) -> String? {
    // The call writes no further than the buffer's end, and no zero byte behind the text.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return 0 }
        return unsafe max(0, readlink(path, start, text.count))
      }
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// - Throws: ``FormatError/cannotRead(_:)`` for a folder of which the entries may not be reached.
  package static func requireSearchable(_ folder: String) throws(FormatError) {
    guard unsafe access(folder, X_OK) == 0 else {
      throw .cannotRead("\(Errno(rawValue: errno))")
    }
  }
}

extension FormatError {
  /// - Parameter path: What was to be written, so that a folder is named that is none.
  init(writing error: any Error, at path: String) {
    let folder = FileSystem.folder(of: path)
    switch error as? Errno {
    case .noSuchFileOrDirectory? where !FileSystem.exists(folder):
      self = .cannotWrite(
        "there is no folder “\(folder.printable)”; make it first, as with mkdir -p")
    case .notDirectory?:
      self = .cannotWrite("“\(folder.printable)” is no folder; name another place")
    default: self = .cannotWrite("\(error)")
    }
  }

  /// - Parameter path: What was opened, so that a link that leads nowhere is named.
  init(opening error: any Error, at path: String? = nil) {
    switch error as? Errno {
    case .noSuchFileOrDirectory?, .notDirectory?:
      self = path.flatMap(FileSystem.linkTarget).map(Self.linkLeadsNowhere) ?? .notFound
    case .tooManySymbolicLinkLevels?: self = .linkLoop
    // What opening a socket gives.
    case .noSuchAddressOrDevice?: self = .notARegularFile
    case .tooManyOpenFiles?:
      self = .cannotRead(
        "as many files are open as may be at once; raise that number with ulimit -n, or make fewer shards")
    case let error?: self = .cannotRead("\(error)")
    case nil: self = .cannotRead("\(error)")
    }
  }
}
