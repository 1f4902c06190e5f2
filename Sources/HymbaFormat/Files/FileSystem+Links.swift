import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

extension FileSystem {
  /// Whether there is an entry at `path`. A link that leads nowhere counts as one. The answer is also true
  /// where it is not known, such as without permission.
  package static func hasEntry(_ path: String) -> Bool {
    isNameTaken(path) || errno != ENOENT && errno != ENOTDIR
  }

  /// The target of a symbolic link as it is written in the link; nil if `path` is no link.
  static func linkTarget(_ path: String) -> String? {
    // The call writes no further than the end of the buffer, and adds no zero byte after the text.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return 0 }
        return unsafe max(0, readlink(path, start, text.count))
      }
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// Checks that the entries of a folder can be reached.
  /// - Throws: ``FormatError/cannotRead(_:)``.
  package static func requireSearchable(_ folder: String) throws(FormatError) {
    guard unsafe access(folder, X_OK) == 0 else {
      throw .cannotRead("\(Errno(rawValue: errno))")
    }
  }
}

extension FormatError {
  /// The error for a failed write.
  /// - Parameter path: The file that was to be written. If its folder is missing or is no folder, the message
  ///   names the folder.
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

  /// The error for a failed open.
  /// - Parameter path: The file that was to be opened. If it is a link that leads nowhere, the message names
  ///   the link's target.
  init(opening error: any Error, at path: String? = nil) {
    switch error as? Errno {
    case .noSuchFileOrDirectory?, .notDirectory?:
      self = path.flatMap(FileSystem.linkTarget).map(Self.linkLeadsNowhere) ?? .notFound
    case .tooManySymbolicLinkLevels?: self = .linkLoop
    // This is the error for opening a socket.
    case .noSuchAddressOrDevice?: self = .notARegularFile
    case .tooManyOpenFiles?:
      self = .cannotRead(
        "as many files are open as may be at once; raise that number with ulimit -n, or make fewer shards")
    case let error?: self = .cannotRead("\(error)")
    case nil: self = .cannotRead("\(error)")
    }
  }
}
