import HymbaFormat

/// The names that llama.cpp has for the ways in which a text is divided before byte pair encoding.
///
/// Its converter finds a name by a digest of an encoded text, which takes the library of the original. Here it is found
/// by what the tokenizer does: the same regular expressions in the same order.
enum LlamaCppPreTokenizer {
  /// - Returns: Nil for a tokenizer that divides otherwise than any that is known here.
  static func name(of document: TokenizerDocument) -> String? {
    var steps = document.steps("pre_tokenizer")
    guard let last = steps.popLast(), last["type"] == .string("ByteLevel"),
      last["add_prefix_space"] != .bool(true)
    else { return falcon(document.steps("pre_tokenizer")) }
    let ignores = document.isSet("ignore_merges")
    let isDivided = last["use_regex"] != .bool(false)
    switch (steps.count, isDivided) {
    case (0, true): return ignores ? nil : "gpt-2"
    case (1, true):
      let isOfDigits = steps[0]["type"] == .string("Digits") && steps[0]["individual_digits"] == .bool(true)
      return isOfDigits && !ignores ? "starcoder" : nil
    case (1, false): return expression(of: steps[0]).flatMap { byExpression(ignores)[$0] }
    default: return nil
    }
  }

  /// The regular expression of a step that divides a text by one.
  private static func expression(of step: JSONValue) -> String? {
    guard step["type"] == .string("Split"), step["behavior"] == .string("Isolated"), step["invert"] != .bool(true),
      case .string(let expression)? = step["pattern"]?["Regex"]
    else { return nil }
    return expression
  }

  private static let endings = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
  private static let rest = #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#

  /// The names by the regular expression. Some stand for a tokenizer that takes a whole word where it is a token,
  /// without the merges to it.
  private static func byExpression(_ ignoresMerges: Bool) -> [String: String] {
    let (upper, lower) = (#"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"#, #"\p{Ll}\p{Lm}\p{Lo}\p{M}"#)
    let lead = #"[^\r\n\p{L}\p{N}]?"#
    let tekken =
      "\(lead)[\(upper)]*[\(lower)]+|\(lead)[\(upper)]+[\(lower)]*|"
      + #"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    let digits = #"\p{N}{1,3}"#
    let llama = "\(endings)|\(word)|\(digits)|\(rest)"
    if ignoresMerges { return [llama: "llama-bpe", tekken: "tekken"] }
    return [llama: "dbrx", "\(endings)|\(word)|\\p{N}|\(rest)": "qwen2"]
  }

  /// The name for Falcon's four steps, of which the bytes are not the last one.
  private static func falcon(_ steps: [JSONValue]) -> String? {
    let types = steps.map { $0["type"] }
    guard types == ["Punctuation", "ByteLevel", "Digits", "Split"].map({ JSONValue.string($0) }),
      steps[0]["behavior"] == .string("Contiguous"), steps[1]["add_prefix_space"] != .bool(true),
      steps[2]["individual_digits"] != .bool(true), expression(of: steps[3]) == "[0-9][0-9][0-9]"
    else { return nil }
    return "falcon"
  }
}
