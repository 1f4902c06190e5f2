#if canImport(Glibc)
  import Glibc
#endif

extension Terminal {
  /// The width for standard output in columns: the value of COLUMNS where it is exported, else the width of the
  /// terminal. Nil for a pipe or a file, where nothing is shortened.
  package static var width: Int? {
    TerminalSettings.current.columns ?? (outputIsTerminal ? width(of: STDOUT_FILENO) : nil)
  }

  /// The width for standard error in columns; nil for a pipe or a file.
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
  /// The lines, broken where a terminal of this width asks for it; unchanged without a width.
  func fitted(_ width: Int?) -> [String] {
    guard let width else { return self }
    return flatMap { $0.fitted(width) }
  }
}

extension StringProtocol {
  /// The columns that the text takes on a terminal: one for each character. ASCII is counted by its bytes,
  /// because counting characters is slow.
  var columns: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
}
