#if canImport(Glibc)
  import Glibc
#endif

/// What the system says of a call that failed: the value of `errno`, in the system's words.
struct Errno: Error, Hashable, CustomStringConvertible {
  let rawValue: Int32

  static let noSuchFileOrDirectory = Errno(rawValue: ENOENT)
  static let fileNameTooLong = Errno(rawValue: ENAMETOOLONG)
  static let notDirectory = Errno(rawValue: ENOTDIR)
  static let fileExists = Errno(rawValue: EEXIST)
  static let tooManySymbolicLinkLevels = Errno(rawValue: ELOOP)
  static let noSuchAddressOrDevice = Errno(rawValue: ENXIO)
  static let tooManyOpenFiles = Errno(rawValue: EMFILE)

  var description: String {
    // The text is the system's and ends with a zero byte.
    unsafe strerror(rawValue).map { unsafe String(cString: $0) } ?? "error \(rawValue)"
  }

  /// The result of a call, made again where a signal came between.
  /// - Throws: ``Errno`` where the result is negative.
  static func repeating<Result: SignedInteger>(_ call: () -> Result) throws -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
  }
}
