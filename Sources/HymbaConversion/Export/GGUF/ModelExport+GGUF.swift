import HymbaCheckpoints
import HymbaFormat

extension ModelExport {
  /// Writes a GGUF file.
  func writeGGUF(_ outcome: inout ExportOutcome, _ progress: (Int) -> Void) throws {
    let export = try GGUFExport(model, layout: layout, storage: options.storage)
    // Every type of a GGUF file is made of F32.
    let (toF32, stored) = (CastTally(), CastTally())
    let floats = try ComputedSource(tensors, Cast(to: .float32), tally: toF32)
    let storage = export.storage
    func losses() -> [CastLoss] {
      toF32.losses { _ in .cast(.float32) }
        + stored.losses { name in .gguf(floats.tensors[name].map { storage.type(of: $0).name } ?? storage.rawValue) }
    }
    try GGUFWriter.write(
      floats, as: storage.type, keys: export.keys, to: options.output, replace: options.replace,
      jobs: options.jobs, verifies: options.verifies, counting: stored.add, progress: progress,
      conclude: {
        if let loss = losses().first, !options.acceptsLoss { throw FileDiagnosis(model.location, loss.refusal) }
      })
    outcome.bytes = floats.tensors.reduce(0) { $0 + storage.bytes(of: $1) }
    let keys = try GGUFKeys(file: GGUFWriter.file(of: export.keys))
    let account = LlamaCppAccount(keys, floats.tensors) { storage.type(of: $0).name }
    outcome.notes += account.remarks.map { .fact("\($0.subject) \($0.message)") }
    outcome.notes += export.notes + losses().map(ExportNote.lost)
    var counts: [String: Int] = [:]
    for tensor in floats.tensors { counts[storage.type(of: tensor).name, default: 0] += 1 }
    let types = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) (\($0.value))" }
    outcome.notes.append(.fact("the tensors are stored as \(Families.list(types, "and")), as llama.cpp's converter does"))
  }
}

extension OpenedModel {
  /// Whether the checkpoint came from a GGUF file, of which tensors are kept that are no parameters.
  package var isFromGGUF: Bool {
    get throws {
      try LayoutCatalog.builtIn().first { $0.name == layout.name }?.format == .gguf
    }
  }
}
