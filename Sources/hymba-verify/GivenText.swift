import HymbaFormat

/// What an option gives: the words themselves, or with `@FILE` what a file holds. `@-` stands for standard input, and `@@`
/// for words that begin with `@`.
enum GivenText {
  case words(String)
  case file(String)

  init(_ argument: String) {
    if argument.hasPrefix("@@") {
      self = .words(String(argument.dropFirst()))
    } else if argument.hasPrefix("@") {
      self = .file(String(argument.dropFirst()))
    } else {
      self = .words(argument)
    }
  }

  /// The file, or else the option that has the words.
  func name(_ option: String) -> String {
    switch self {
    case .words: option
    case .file(let path): path
    }
  }

  /// The bytes of the words, or of the file.
  ///
  /// - Parameters:
  ///   - limit: The most bytes of a file.
  ///   - absent: What to note where there is no such file.
  /// - Throws: `FileDiagnosis` with the errors of reading the file.
  func bytes(limit: Int, absent: [String] = []) throws -> [UInt8] {
    switch self {
    case .words(let words): return Array(words.utf8)
    case .file(let path):
      do {
        return try InputFile.document(path, limit: limit)
      } catch {
        let remarks =
          switch error {
          case .notFound: absent
          case .notARegularFile: ["@- reads standard input"]
          default: [String]()
          }
        return try naming(path) { try noting(remarks) { throw error } }
      }
    }
  }
}
