public import HymbaFormat

/// What is wrong with a tokenizer's file, or with a text that it is given.
public enum TokenizerError: Diagnosis, Equatable {
  /// A kind of part that is not known: the part, such as `pre-tokenizer`, and its kind.
  case unknownKind(part: String, String)
  /// An option that is known and not supported: its path, and why.
  case unsupported(String, String)
  /// A member that is missing or is of another kind: its path, and what is expected there.
  case invalid(String, expected: String)
  /// Two tokens have one id.
  case repeatedID(Int, String, String)
  /// A merge that names a token which the vocabulary lacks: its number from 1, and the token.
  case mergeWithoutToken(Int, String)
  /// An added token whose id is not the one that the package gives it.
  case addedID(String, file: Int, expected: Int)
  /// An added token that is listed twice.
  case addedTwice(String)
  /// A pattern that Oniguruma does not compile: the pattern, and its message.
  case pattern(String, String)
  /// A text on which a pattern takes too long.
  case patternTakesTooLong(String)
  /// A text on which a pattern has to keep more places to go back to than it may.
  case patternKeepsTooMuch(String)
  /// More of something than a tokenizer's file may have.
  case tooMany(String, limit: Int)
  /// A character without a token, in a vocabulary without a token for unknown ones.
  case unknownTokenMissing(String)
  case textNotUTF8(offset: Int)
  /// A tokenizer inside a GGUF file of which no ids of llama.cpp's can be made: a clause with `it` that says why.
  case insideGGUF(String)
  /// There is no tokenizer beside or in a checkpoint.
  case notFound(String)

  public var kind: FailureKind {
    switch self {
    case .textNotUTF8, .patternTakesTooLong, .patternKeepsTooMuch: .usage
    case .notFound: .noInput
    default: .unreadable
    }
  }

  public var description: String {
    switch self {
    case .unknownKind(let part, let kind): "its \(part) is of the kind \(kind.printable), which is not known here"
    case .unsupported(let path, let why): "its \(path.printable) \(why)"
    case .invalid(let path, let expected): "its \(path.printable) is not \(expected)"
    case .repeatedID(let id, let one, let other):
      "the tokens “\(one.printable)” and “\(other.printable)” both have the id \(id)"
    case .mergeWithoutToken(let number, let token):
      "merge \(number) needs the token “\(token.printable)”, which the vocabulary does not have"
    case .addedID(let token, let file, let expected):
      "the added token “\(token.printable)” has the id \(file), and the tokenizers package would give it \(expected)"
    case .addedTwice(let token): "the added token “\(token.printable)” is listed twice"
    case .pattern(let pattern, let why): "the pattern “\(pattern.printable)” cannot be used: \(why)"
    case .patternTakesTooLong(let pattern):
      "the tokenizer's pattern “\(pattern.printable)” takes too long on this text"
    case .patternKeepsTooMuch(let pattern):
      "the tokenizer's pattern “\(pattern.printable)” takes too much memory on this text, which may have a very long word"
    case .tooMany(let what, let limit): "it has more than \(limit) \(what)"
    case .unknownTokenMissing(let token):
      "the text has a character without a token, and the token “\(token.printable)” for those is not in the vocabulary"
    case .textNotUTF8(let offset): "the text is not UTF-8 at byte \(offset)"
    case .insideGGUF(let why): "the tokenizer inside the GGUF file is not read: \(why)"
    case .notFound(let place): "there is no tokenizer.json \(place)"
    }
  }
}
