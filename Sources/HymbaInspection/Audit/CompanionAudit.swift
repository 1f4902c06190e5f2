import HymbaConversion
import HymbaFormat

/// The files that belong beside the weights of a Hugging Face folder.
struct CompanionAudit {
  let findings: [Finding]

  /// Names of files that tokenizers are read from.
  private static let tokenizers = [
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json", "vocab.txt",
    "spiece.model", "sentencepiece.bpe.model", "tiktoken.model", "tekken.json",
  ]

  /// - Parameters:
  ///   - entries: The names of the entries of the folder.
  ///   - folder: The path of the folder.
  ///   - configuration: The `config.json` of the folder; nil where there is none.
  init(_ entries: [String], in folder: String, _ configuration: AuditedConfiguration?) {
    var findings: [Finding] = []
    if let configuration, configuration["vocab_size"] != nil {
      if !Self.tokenizers.contains(where: entries.contains) {
        findings.append(
          Finding(
            .tokenizerMissing, .note, "tokenizer",
            "is not in the folder: texts need the tokenizer that made the model's vocabulary"))
      }
      if !entries.contains("generation_config.json") {
        findings.append(
          Finding(
            .generationMissing, .note, "generation_config.json",
            "is not in the folder: what it would say of how to generate is left to config.json"))
      }
    }
    if entries.contains(Self.document) {
      let rows = configuration?.number("vocab_size").flatMap { Int(exactly: $0) }
      let problem = TokenizerProblem(ofFileAt: FileSystem.path(folder, Self.document), rows: rows)
      findings += problem.map { [Self.finding($0, rows: rows)] } ?? []
    }
    self.findings = findings
  }

  private static let document = "tokenizer.json"

  private static func finding(_ problem: TokenizerProblem, rows: Int?) -> Finding {
    switch problem {
    case .unreadable(let sentence):
      Finding(.tokenizer, .warning, document, "cannot be read: \(sentence)")
    case .unsupported(let sentence):
      Finding(.tokenizer, .note, document, "is of a kind that is not read here: \(sentence)")
    case .beyondVocabulary(let id):
      Finding(
        .tokenizer, .warning, document,
        "has ids up to \(id), and the model a vocabulary of \(rows ?? 0): it is another model's")
    }
  }
}
