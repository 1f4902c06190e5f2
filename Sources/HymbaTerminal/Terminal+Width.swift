#if canImport(Glibc)
  import Glibc
#endif

extension Terminal {
  /// Columns of COLUMNS where it is set, which a shell does not do by itself, else of the terminal; nil on a pipe or
  /// in a file, where nothing is shortened.
  package static var width: Int? {
    TerminalSettings.current.columns ?? (outputIsTerminal ? width(of: STDOUT_FILENO) : nil)
  }

  /// The same for what is shown beside the result.
  static var errorWidth: Int? {
    TerminalSettings.current.columns ?? (errorIsTerminal ? width(of: STDERR_FILENO) : nil)
  }

  private static func width(of descriptor: Int32) -> Int {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}

extension [String] {
  /// Lines in as many as a terminal of this width asks for; as they are where there is none.
  func fitted(_ width: Int?) -> [String] {
    guard let width else { return self }
    return flatMap { $0.fitted(width) }
  }
}

extension StringProtocol {
  /// Columns that the text takes on a terminal. Counting characters takes long, and most text is ASCII.
  var columns: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
}
