#if canImport(Glibc)
  import Glibc
#endif

/// An open file or folder. Its owner closes it.
struct FileDescriptor: Hashable, Sendable {
  let rawValue: Int32

  /// What is opened for.
  enum AccessMode: Sendable {
    case readOnly
    case writeOnly
    case readWrite

    fileprivate var flag: Int32 {
      switch self {
      case .readOnly: O_RDONLY
      case .writeOnly: O_WRONLY
      case .readWrite: O_RDWR
      }
    }
  }

  struct OpenOptions: OptionSet, Sendable {
    let rawValue: Int32

    static let nonBlocking = OpenOptions(rawValue: O_NONBLOCK)
    static let create = OpenOptions(rawValue: O_CREAT)
    /// With ``create``: fails where the name is taken.
    static let exclusiveCreate = OpenOptions(rawValue: O_EXCL)
    static let closeOnExec = OpenOptions(rawValue: O_CLOEXEC)
    static let directory = OpenOptions(rawValue: O_DIRECTORY)
    /// Fails for a symbolic link.
    static let noFollow = OpenOptions(rawValue: O_NOFOLLOW)
  }

  /// The corresponding C function is `open`.
  /// - Parameter permissions: Of a file that is created, less those of the process's mask.
  /// - Throws: ``Errno``.
  static func open(
    _ path: FilePath, _ mode: AccessMode, options: OpenOptions = [],
    permissions: FilePermissions = .ownerReadWrite
  ) throws -> FileDescriptor {
    let flags = mode.flag | options.rawValue
    let descriptor = try Errno.repeating {
      unsafe Glibc.open(path.string, flags, permissions.rawValue)
    }
    return FileDescriptor(rawValue: descriptor)
  }

  /// The corresponding C function is `close`.
  /// - Throws: ``Errno``.
  func close() throws {
    // Not repeated: Linux has closed it also where a signal came between.
    guard Glibc.close(rawValue) == 0 else { throw Errno(rawValue: errno) }
  }

  /// Reads once. The corresponding C function is `pread`.
  /// - Returns: The bytes that were read; 0 at the end of the file.
  /// - Throws: ``Errno``.
  func read(
    fromAbsoluteOffset offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    // The call writes no more than the buffer's bytes.
    try Errno.repeating { unsafe pread(rawValue, buffer.baseAddress, buffer.count, off_t(offset)) }
  }

  /// Writes all bytes, in as many calls of `pwrite` as it takes.
  /// - Throws: ``Errno``.
  func writeAll(toAbsoluteOffset offset: Int64, _ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      // The call reads no more than the rest's bytes.
      let count = try Errno.repeating {
        unsafe pwrite(rawValue, rest.baseAddress, rest.count, off_t(offset) + done)
      }
      guard count > 0 else { throw Errno(rawValue: EIO) }
      done += count
    }
  }

  /// Cuts or extends the file. The corresponding C function is `ftruncate`.
  /// - Throws: ``Errno``.
  func resize(to byteCount: Int64) throws {
    _ = try Errno.repeating { ftruncate(rawValue, off_t(byteCount)) }
  }
}

/// Who may read and write a new file, as `chmod` has it.
struct FilePermissions: Hashable, Sendable {
  let rawValue: UInt32

  static let ownerReadWrite = FilePermissions(rawValue: 0o600)
}
