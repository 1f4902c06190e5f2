extension LlamaCppPreTokenizer {
  /// The ways that are known here. The facts are those of llama.cpp of October 2026.
  static let all: [Self] = [
    Self(
      [
        "gpt-2", "a.x-4.0", "exaone4", "gigachat", "granite-docling", "jais", "jina-de", "jina-es", "jina-v2-de",
        "jina-v2-es", "mellum", "mpt", "olmo", "phi-2", "trillion",
      ], [gpt2]),
    Self(
      ["starcoder", "codeshell", "command-r", "exaone", "minerva-7b", "refact", "smollm"], [#"\p{N}"#, gpt2]),
    // The original divides digits of all scripts, which it sees as letters for bytes by then.
    Self(["falcon"], [signs, gpt2, #"\p{N}+"#, threeDigits], [signs, gpt2, threeDigits]),
    Self(
      [
        "llama-bpe", "falcon-h1", "falcon3", "lfm2", "llama-v3", "llama3", "midm-2.0", "pixtral",
      ], [llama(ending, digits: #"\p{N}{1,3}"#)], [llama(asciiEnding, digits: #"\p{N}{1,3}"#)],
      ignoresMerges: true),
    Self(
      ["dbrx", "smaug-bpe"], [llama(ending, digits: #"\p{N}{1,3}"#)],
      [llama(asciiEnding, digits: #"\p{N}{1,3}"#)]),
    Self(
      ["qwen2", "deepseek-r1-qwen", "kormo", "megrez", "stablelm2"], [llama(ending, digits: #"\p{N}"#)],
      [llama(asciiEnding, digits: #"\p{N}"#)]),
    Self(
      ["tekken"],
      [tekken(upper: #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, lower: #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)],
      // Every letter beyond ASCII is both a large and a small one, and no mark is a letter.
      [tekken(upper: #"(?:(?=\p{L})[^a-z])"#, lower: #"(?:(?=\p{L})[^A-Z])"#)], ignoresMerges: true),
  ]

  private static let gpt2 = SplittingStep.wordsOfGPT2
  private static let threeDigits = "[0-9][0-9][0-9]"
  /// The signs that a tokenizer takes for punctuation: those of Unicode, and the others of ASCII.
  static let signs = #"[\p{P}\$\+<=>\^~\|`]+"#

  private static let ending = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
  /// Without ſ, which counts as an s where the case does not count.
  private static let asciiEnding = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
  private static let space = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static func llama(_ ending: String, digits: String) -> String {
    "\(ending)|" + #"[^\r\n\p{L}\p{N}]?\p{L}+|"# + "\(digits)|" + #" ?[^\s\p{L}\p{N}]+[\r\n]*|"# + space
  }

  private static func tekken(upper: String, lower: String) -> String {
    let lead = #"[^\r\n\p{L}\p{N}]?"#
    return "\(lead)\(upper)*\(lower)+|\(lead)\(upper)+\(lower)*|" + #"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + space
  }
}
