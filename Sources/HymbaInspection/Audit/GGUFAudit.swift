import HymbaCheckpoints
import HymbaConversion
import HymbaFormat

/// What is found in a GGUF file beside its model: what llama.cpp does with it, and what no model has.
struct GGUFAudit {
  private(set) var findings: [Finding] = []

  /// - Parameter others: What was found of the model. What is wrong with a key is told once.
  init(_ source: GGUFSource, besides others: [Finding]) {
    let errors = others.filter { $0.severity == .error }
    let account = LlamaCppAccount(source.keys, source.tensors) { source.storedType(of: $0) ?? $0.type.rawValue }
    for remark in account.remarks where !errors.contains(where: { $0.message.contains(remark.subject) }) {
      findings.append(Finding(.llamaCpp, .warning, remark.subject, remark.message))
    }
    guard account.knowsArchitecture else { return }
    if !account.hasTokenizer {
      findings.append(
        Finding(
          .tokenizerMissing, .note, "tokenizer",
          "is not in the file: texts need the tokenizer that made the model's vocabulary"))
    }
    if let remark = account.vocabularySizeLeftAside {
      findings.append(Finding(.llamaCpp, .note, remark.subject, remark.message))
    }
    for tensor in source.tensors where !tensor.type.isFloatingPoint {
      findings.append(
        Finding(
          .dtype, .error, tensor.name,
          "is stored as \(tensor.type.rawValue), and no parameter of a model is a whole number"))
    }
  }
}
