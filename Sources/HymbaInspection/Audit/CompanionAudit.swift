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
  ///   - configuration: The `config.json` of the folder; nil where there is none.
  init(_ entries: [String], _ configuration: AuditedConfiguration?) {
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
    self.findings = findings
  }
}
