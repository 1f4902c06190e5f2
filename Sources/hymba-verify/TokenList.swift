import ArgumentParser
import HymbaFormat

/// Token ids as a user gives them.
enum TokenList {
  /// - Parameter text: `1,5,9`, or `@FILE` with ids between commas or white space.
  /// - Throws: ``TokenError/notAnID(_:)``, and the errors of reading the file.
  static func parse(_ text: String) throws -> [Int] {
    guard text.hasPrefix("@") else { return try ids(text) }
    let path = String(text.dropFirst())
    let bytes = try naming(path) {
      try InputFile.contents(of: path, limit: Limits.configurationBytes)
    }
    return try ids(String(decoding: bytes, as: UTF8.self))
  }

  private static func ids(_ text: String) throws -> [Int] {
    try text.split { $0 == "," || $0.isWhitespace }.map { word in
      guard let id = Int(word), id >= 0 else {
        throw TokenError.notAnID(String(word.prefix(40)))
      }
      return id
    }
  }
}

/// What is wrong with a list of tokens.
enum TokenError: Diagnosis {
  case notAnID(String)

  var kind: FailureKind { .usage }

  var description: String {
    switch self {
    case .notAnID(let word): "--tokens: “\(word.printable)” is not a token id"
    }
  }
}
