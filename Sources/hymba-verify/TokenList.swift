import ArgumentParser
import HymbaFormat

/// Reads token ids as a user gives them.
enum TokenList {
  /// The ids of a list.
  ///
  /// - Parameter text: A list like `1,5,9`, or a ``GivenText`` of a file with ids between commas or white space.
  /// - Throws: ``TokenError``, and the errors of reading the file.
  static func parse(_ text: String) throws -> [Int] {
    try ids(String(decoding: GivenText(text).bytes(limit: Limits.configurationBytes), as: UTF8.self))
  }

  private static func ids(_ text: String) throws -> [Int] {
    let places = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.split(whereSeparator: \.isWhitespace)
    }
    guard places.count > 1 || !places[0].isEmpty else { throw TokenError.none }
    if let empty = places.firstIndex(where: \.isEmpty) {
      throw TokenError.nothing(place: places[..<empty].reduce(1) { $0 + $1.count })
    }
    return try places.joined().map { word in
      guard let id = Int(word), id >= 0 else {
        throw TokenError.notAnID(String(word.prefix(40)))
      }
      return id
    }
  }
}

/// The reason why a list of tokens cannot be read.
enum TokenError: Diagnosis {
  case none
  case nothing(place: Int)
  case notAnID(String)
  /// A text of which a tokenizer leaves nothing.
  case noneInText
  /// An id of a text that the model does not have, and the size of its vocabulary.
  case beyondVocabulary(Int, Int)

  var kind: FailureKind { .usage }

  var description: String {
    switch self {
    case .none: "--tokens: there is no token id"
    case .noneInText: "--text: there is no token in it"
    case .beyondVocabulary(let id, let size):
      "--text: the tokenizer gives the id \(id), and the model has a vocabulary of \(size): it is another model's tokenizer"
    case .nothing(let place):
      "--tokens: there is nothing where token id \(place) should be: each comma stands between two ids"
    case .notAnID(let word):
      "--tokens: “\(word.printable)” is not a token id; expected a whole number from 0 on"
    }
  }
}
