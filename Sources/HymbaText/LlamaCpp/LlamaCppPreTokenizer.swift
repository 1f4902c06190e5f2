import HymbaFormat

/// A way in which llama.cpp divides a text before byte pair encoding, which `tokenizer.ggml.pre` names.
///
/// Its converter finds a name by a digest of an encoded text, which takes the library of the original. Here it is found
/// by what the tokenizer does: the same regular expressions in the same order.
package struct LlamaCppPreTokenizer: Sendable {
  /// The name that is written, and others for the same way.
  let names: [String]
  /// The regular expressions of the original, in the order in which each divides what the ones before left.
  let originals: [String]
  /// Those of llama.cpp. Some have another one where its own library lacks something.
  let expressions: [String]
  /// Whether a word that is a token becomes it without merges. llama.cpp has this by the name, and so whether an id
  /// begins a text where no key says it.
  let ignoresMerges: Bool

  init(
    _ names: [String], _ originals: [String], _ expressions: [String]? = nil, ignoresMerges: Bool = false
  ) {
    (self.names, self.originals, self.expressions) = (names, originals, expressions ?? originals)
    self.ignoresMerges = ignoresMerges
  }

  /// The way of a name; nil for one that is not known here.
  init?(named name: String) {
    guard let found = Self.all.first(where: { $0.names.contains(name) }) else { return nil }
    self = found
  }
}

extension LlamaCppPreTokenizer {
  /// The name for a tokenizer of letters for bytes; nil for one that divides otherwise than any that is known here.
  /// - Throws: ``TokenizerError`` for steps that cannot be read.
  package static func name(of document: TokenizerDocument) throws(TokenizerError) -> String? {
    let ignores = try document.model.options["ignore_merges"] == .bool(true)
    var steps = try document.steps(of: .preTokenizer)
    guard steps.count(where: { $0["type"] == .string("ByteLevel") }) == 1 else { return nil }
    if let last = steps.last, last["use_regex"] == .bool(false), last["add_prefix_space"] != .bool(true) {
      // It divides nothing.
      steps.removeLast()
    }
    let expressions = steps.map(expression)
    return all.first { $0.originals == expressions && $0.ignoresMerges == ignores }?.names.first
  }

  /// The regular expression that does what a step does; nil where none does.
  private static func expression(of step: JSONValue) -> String? {
    switch step["type"] {
    case .string("ByteLevel")?:
      step["add_prefix_space"] == .bool(true) || step["use_regex"] == .bool(false) ? nil : SplittingStep.wordsOfGPT2
    case .string("Digits")?: step["individual_digits"] == .bool(true) ? #"\p{N}"# : #"\p{N}+"#
    case .string("Punctuation")?: step["behavior"] == .string("Contiguous") ? signs : nil
    case .string("Split")?:
      if step["behavior"] == .string("Isolated"), step["invert"] != .bool(true),
        case .string(let expression)? = step["pattern"]?["Regex"]
      {
        expression
      } else {
        nil
      }
    default: nil
    }
  }
}
